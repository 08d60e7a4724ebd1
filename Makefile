# One target mirrors what must hold before a change lands.
.PHONY: check demo test train-pair train-search
check:
	bash .ci/run
demo:
	cargo run --locked -- demo
test:
	cargo test --workspace --locked

# Trains the pair encoder: see training/README.md. SEARCH is the merged checkpoint of train-search, START an adapter to go on from.
PYTHON ?= python3
DEVICE ?= cpu
train-pair: export PYTHONPATH = training
train-pair:
	$(PYTHON) -m pair.data --dev $(DEV) --base $(BASE) --work $(WORK) \
		--golden corpus/golden/questions.jsonl corpus/golden/held_out.jsonl corpus/golden/reworded.jsonl
	$(PYTHON) -m pair.answers --dev $(DEV) --base $(BASE) --work $(WORK) $(if $(SEARCH),--checkpoint $(SEARCH)) \
		--golden corpus/golden/questions.jsonl corpus/golden/held_out.jsonl corpus/golden/reworded.jsonl
	$(PYTHON) -m pair.train --base $(BASE) --work $(WORK) --state $(WORK)/pair.pt --device $(DEVICE) $(if $(START),--start $(START))
	$(PYTHON) -m pair.export --base $(BASE) --checkpoint $(WORK)/pair.pt \
		--out $(WORK)/adapter.safetensors --merged $(WORK)/merged.pt
	$(PYTHON) -m pair.ranges --base $(BASE) --work $(WORK) --adapter $(WORK)/adapter.safetensors
	$(PYTHON) -m pair.pack --dev $(DEV) --base $(BASE) --out $(WORK)/pack.json $(if $(SEARCH),--checkpoint $(SEARCH))
	$(PYTHON) -m pair.evaluate --base $(BASE) --pack $(WORK)/pack.json --checkpoint $(WORK)/merged.pt --device $(DEVICE)

# Trains the encoder that finds passages; wants the pairs that `pair.data` has written to WORK.
train-search: export PYTHONPATH = training
train-search:
	$(PYTHON) -m search.train --base $(BASE) --dev $(DEV) --pairs $(WORK)/relevance.jsonl \
		--golden corpus/golden/questions.jsonl corpus/golden/held_out.jsonl corpus/golden/reworded.jsonl \
		--out $(WORK)/search.pt --device $(DEVICE)
	$(PYTHON) -m search.export --base $(BASE) --checkpoint $(WORK)/search.pt \
		--out $(WORK)/search.safetensors --merged $(WORK)/search-merged.pt
	$(PYTHON) -m search.evaluate --base $(BASE)
	$(PYTHON) -m search.evaluate --base $(BASE) --checkpoint $(WORK)/search-merged.pt
