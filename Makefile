# SPDX-License-Identifier: GPL-2.0
#
# The targets that a user and a developer call; `make help` lists them. What
# the module is made of is in Kbuild.

# Headers that a module can be built against, newest last, as "RELEASE DIR".
headers = ls -d /usr/src/linux-headers-*/include/config/auto.conf \
		/lib/modules/*/build/include/config/auto.conf 2>/dev/null | \
	sed -nE 's,^(/usr/src/linux-headers-|/lib/modules/)([^/]+)(/build)?/include/config/auto.conf$$,\2 \1\2\3,p' | \
	sort -V
running := $(patsubst %/Makefile,%,$(wildcard /lib/modules/$(shell uname -r)/build/Makefile))

# The kernel to build against: the running one, else the newest whose headers
# are installed.
KDIR ?= $(or $(running),$(lastword $(shell $(headers))))

# The kernel that `make check`, `make programs` and `make bench` run on, and the one test to run
# (empty: all).
KERNEL ?= 6.1
TEST ?=

# How long `make fuzz` (600), `make chaos` (120) and `make sim` take, in seconds.
SECONDS ?=

# Which target `make fuzz` runs (empty: all), and the one input.
TARGET ?=
INPUT ?=

# Where `make chaos` begins; what `make sim` runs: one seed, or so many connections, of one kind; where it
# tells of it.
SEED ?=
CONNECTIONS ?=
PROFILE ?=
TRACE ?=
PCAP ?=

kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR)

.PHONY: all demo check sim grid chaos fuzz model mutants coverage programs bench lint clean install help

all:
ifeq ($(KDIR),)
	$(error No kernel headers are installed; run: apt-get install linux-headers-amd64 (or say: make KDIR=DIR))
else
	$(kbuild) modules
endif

install: all
	$(kbuild) modules_install

demo:
	@scripts/demo

check:
	@scripts/check --kernel '$(KERNEL)' $(if $(TEST),--test '$(TEST)')

sim:
	@scripts/deps build check
	@$(MAKE) --no-print-directory -s -C selftests/engine/sim
	@build/selftests/engine/sim/sim \
		$(if $(SEED),--seed '$(SEED)') $(if $(CONNECTIONS),--connections '$(CONNECTIONS)') \
		$(if $(SECONDS),--seconds '$(SECONDS)') $(if $(PROFILE),--profile '$(PROFILE)') \
		$(if $(TRACE),--trace '$(TRACE)') $(if $(PCAP),--pcap '$(PCAP)')

grid:
	@scripts/deps build check
	@$(MAKE) --no-print-directory -s -C selftests/engine/grid $(if $(UPDATE),update,check)

fuzz:
	@scripts/deps fuzz
	@$(MAKE) --no-print-directory -C selftests/engine/fuzz run \
		SECONDS='$(or $(SECONDS),600)' TARGET='$(TARGET)' INPUT='$(abspath $(INPUT))'

model:
	@scripts/deps model
	@$(MAKE) --no-print-directory -C selftests/engine/model check $(if $(TEST),TEST='$(TEST)')

coverage:
	@scripts/coverage

chaos:
	@scripts/deps build check uml
	@$(MAKE) --no-print-directory -s -C selftests
	@scripts/vm --kernel debug --memory 2G --timeout $$(($(or $(SECONDS),120) + 900)) -- \
		build/selftests/chaos/chaos --seconds '$(or $(SECONDS),120)' --seed '$(or $(SEED),1)'

mutants:
	@scripts/deps build check fuzz
	@selftests/engine/mutants/run $(if $(TEST),'$(TEST)')

programs:
	@scripts/programs --kernel '$(KERNEL)'

lint:
	@scripts/lint

bench:
	@scripts/bench --kernel '$(KERNEL)'

clean:
	$(if $(KDIR),$(kbuild) clean)
	rm -rf build

help:
	@echo 'make            build atcp.ko for the running kernel, else for the newest headers installed'
	@echo '                (KDIR=DIR: for the kernel whose build directory is DIR)'
	@echo 'make demo       carry a file from nginx to curl over ATCP in a test VM, and show what happened'
	@echo 'make check      run all tests (KERNEL=6.1, 6.12, uml or debug: on that kernel; TEST=NAME: only that one)'
	@echo 'make sim        let a million connections live over bad links in virtual time, and check each step'
	@echo '                (SECONDS=3600, CONNECTIONS=N: for longer; SEED=N TRACE=-: tell that one run;'
	@echo '                PCAP=FILE: with SEED, its segments; PROFILE=NAME: one kind, see selftests/engine/sim)'
	@echo 'make grid       measure goodput and fairness in the simulator, and compare (UPDATE=1: record it)'
	@echo 'make fuzz       look for inputs that break the engine (SECONDS=600 in all; TARGET=NAME; INPUT=FILE: one again)'
	@echo 'make chaos      make socket calls and segments by chance in a test VM (SECONDS=120 SEED=1)'
	@echo 'make model      check the model of two ends with spin, and the table of states by it (TEST=NAME)'
	@echo 'make coverage   which lines and branches of the engine its native tests reach; HTML in build/coverage/'
	@echo 'make mutants    put bugs into the engine, one at a time: the simulator or a fuzzer must find each (TEST=NAME)'
	@echo 'make programs   run curl, nginx, redis, OpenSSH and others over ATCP and the kernel'"'"'s TCP, and compare'
	@echo 'make lint       check style, types, sizes and layering'
	@echo 'make bench      measure ATCP against the kernel'"'"'s TCP in a test VM: one table, and build/bench.json'
	@echo 'make install    install atcp.ko for the kernel that it was built for'
	@echo 'make clean      remove all that was built here'
