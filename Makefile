# The two commands of the README are `make demo` and `make test`; each does its whole set-up.

BUILD := build/release
JOBS := $(shell nproc)
# What an earlier command has turned on stays on, so that nothing in the folder goes stale. From nothing each module is
# compiled as one file, several times faster; `cmake --preset release` alone compiles files, for whoever changes some.
CONFIGURE = cmake --preset release $(if $(wildcard $(BUILD)/CMakeCache.txt),,-DMUDRA_TESTS=OFF -DMUDRA_BENCH=OFF \
  -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0)

.PHONY: help demo test bench figures quantization-figures package build build-dev sanitize fuzz format lint clean

help:
	@echo "make demo      install what is needed, build, and the whole story on built-in data, ending in a page"
	@echo "make test      install what is needed, build, run all tests"
	@echo "make bench     the benchmarks behind every ratio in the README"
	@echo "make package   a Debian package of program, libraries, headers and firmware, in build/release"
	@echo "make figures LEAP=FOLDER PICTURES=FOLDER   the README's accuracies on real people, of a LeapGestRecog tree and another camera"
	@echo "make quantization-figures LEAP=FOLDER   the same after quantizing, by every recipe"
	@echo "make sanitize  the unit tests under AddressSanitizer and UBSan"
	@echo "make fuzz      every reader against damaged files, SECONDS=60 each; findings fail"
	@echo "make lint      clang-format and clang-tidy; make format rewrites"

demo: build
	@bash scripts/demo.sh $(BUILD)/mudra/cli/mudra

test:
	@bash scripts/setup.sh build test wasm
	@$(CONFIGURE) -DMUDRA_TESTS=ON >/dev/null
	@cmake --build --preset release --parallel $(JOBS)
	@ctest --test-dir $(BUILD) --output-on-failure --parallel $(JOBS)
	@echo "Next: 'make demo' shows the program at work; CONTRIBUTING.md says how the tests are laid out."

bench:
	@bash scripts/setup.sh build bench torch xtensa
	@$(CONFIGURE) -DMUDRA_BENCH=ON >/dev/null
	@cmake --build --preset release --parallel $(JOBS)
	@bash bench/run.sh $(BUILD)/bench

# LEAP: a LeapGestRecog tree with people 00, 01 and 02. PICTURES: one folder per gesture, of another camera.
figures: build
	@bash bench/figures.sh $(BUILD)/mudra/cli/mudra $(LEAP) $(PICTURES)

quantization-figures: build
	@bash bench/quantization_figures.sh $(BUILD)/mudra/cli/mudra $(LEAP)

package: build
	@bash scripts/setup.sh package
	@cd $(BUILD) && cpack

build:
	@bash scripts/setup.sh build wasm
	@$(CONFIGURE) >/dev/null
	@cmake --build --preset release --parallel $(JOBS)

sanitize:
	@bash scripts/setup.sh build test
	@cmake --preset check >/dev/null
	@cmake --build --preset check --target unit_tests --parallel $(JOBS)
	@ctest --test-dir build/check --output-on-failure --parallel $(JOBS) --label-regex unit

SECONDS := 60
fuzz:
	@bash scripts/setup.sh build fuzz
	@cmake --preset fuzz >/dev/null
	@cmake --build --preset fuzz --target fuzzers --parallel $(JOBS)
	@bash tests/fuzz/run.sh build/fuzz $(SECONDS)

SOURCES = $(shell git ls-files '*.cpp' '*.hpp')

format:
	@bash scripts/setup.sh lint
	@clang-format -i $(SOURCES)

lint:
	@bash scripts/setup.sh build test bench lint
	@clang-format --dry-run --Werror $(SOURCES)
	@cmake --preset check >/dev/null
	@sed -n 's/^ *"file": "\(.*\)",*$$/\1/p' build/check/compile_commands.json | grep -v -e /googletest/ -e _embedded.cpp | \
	  xargs -P $(JOBS) -n 1 clang-tidy --quiet --checks=-bugprone-suspicious-include \
	  --extra-arg=-Wno-shadow --extra-arg=-Wno-unknown-warning-option -p build/check

clean:
	rm -rf build run
