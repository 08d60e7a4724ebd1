# One target mirrors what must hold before a change lands.
.PHONY: check demo test
check:
	bash .ci/run
demo:
	cargo run --locked -- demo
test:
	cargo test --workspace --locked
