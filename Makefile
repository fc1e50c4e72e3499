# Every target sets up what it needs first; a second run of the same finds it done.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) -m dispatchsim.bootstrap
.DEFAULT_GOAL := help
.PHONY: help run test test-live fresh-clone pictures bench check fix lock

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

run:  ## set up what is missing, start everything, print a sign-in link
	@$(BOOTSTRAP) run

test:  ## the tests, the live ones in Chromium included, without the long ones (ARGS="-k name" picks some)
	@$(BOOTSTRAP) test -n 4 --dist loadscope --no-loadscope-reorder $(ARGS)

test-live:  ## the live tests, and the long ones: ten calls in a row, a minute of a live page, a storm of barge-ins
	@$(BOOTSTRAP) test -m "live or soak" $(ARGS)

fresh-clone:  ## the README's two commands in an empty clone with empty caches, timed (ARGS="--skip-test" for the first alone)
	@$(PYTHON) tests/setup/fresh_clone.py $(ARGS)

pictures:  ## pictures of each page, wide and narrow, light and dark, in build/pictures
	@$(BOOTSTRAP) test -q tests/looks/pictures.py

bench:  ## figures of this machine: launch, gaps, words, CPU, memory, pages (some ten minutes)
	@$(BOOTSTRAP) bench $(ARGS)

check:  ## linters, types, layers, templates, migrations, production settings
	@$(BOOTSTRAP) check

fix:  ## format, and mend what the linters can mend
	@$(BOOTSTRAP) fix

lock:  ## pin requirements*.in into requirements*.txt
	@$(BOOTSTRAP) lock
