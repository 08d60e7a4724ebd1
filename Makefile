# One target mirrors what must hold before a change lands.
.PHONY: check demo test train-pair
check:
	bash .ci/run
demo:
	cargo run --locked -- demo
test:
	cargo test --workspace --locked

# Trains the pair encoder: see training/README.md.
PYTHON ?= python3
train-pair: export PYTHONPATH = training
train-pair:
	$(PYTHON) -m pair.data --dev $(DEV) --base $(BASE) --work $(WORK) \
		--golden corpus/golden/questions.jsonl corpus/golden/held_out.jsonl
	$(PYTHON) -m pair.train --base $(BASE) --work $(WORK)
	$(PYTHON) -m pair.export --base $(BASE) --checkpoint $(WORK)/state.pt \
		--out $(WORK)/adapter.safetensors --merged $(WORK)/merged.pt
	$(PYTHON) -m pair.evaluate --dev $(DEV) --base $(BASE) --checkpoint $(WORK)/merged.pt
