# SPDX-License-Identifier: GPL-2.0
#
# What every native build of the engine has in common: the unit tests', and in
# the folders below the simulator's, the fuzzers' and the others'. Each builds
# the engine's sources anew, with its own flags, under its own directory of
# build/.
#
#   native_top       selftests/engine
#   engine           module/engine, or the directory ENGINE
#   native_cflags    warnings and dialect; add -O and what else is wanted
#   native_cppflags  where the engine's headers and the kernel's are
#   sanitizers       ASan and UBSan; the first finding ends the program

native_top := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
engine := $(abspath $(or $(ENGINE),$(native_top)/../../module/engine))

KSRC := $(or $(KSRC),$(shell $(native_top)/../../scripts/kernel-source))
ifeq ($(KSRC),)
$(error scripts/kernel-source failed: see above)
endif

# The kernel's tools/ headers leave parameters unused, and compare signed with
# unsigned numbers as the kernel does. The tests give a segment's usual values
# first and then those that matter.
native_cflags := -std=gnu11 -g -Wall -Wextra -Werror -Wno-unused-parameter \
		 -Wno-sign-compare
native_cppflags := -D_GNU_SOURCE -include $(native_top)/native.h \
		   -I$(native_top) -I$(engine) -I$(KSRC)/tools/include \
		   -I$(KSRC)/tools/include/uapi \
		   -I$(KSRC)/tools/testing/selftests -MMD -MP
sanitizers := -fsanitize=address,undefined -fno-sanitize-recover=all \
	      -fno-omit-frame-pointer
