# GNU make. Two commands are enough on a fresh machine: make demo, make test.

# The header has the version.
VERSION := $(shell awk '/define REJUNIT_VERSION_M|define REJUNIT_VERSION_P/ \
	{ printf "%s%s", dot, $$3; dot = "." }' include/rejunit.h)
SOVERSION = 0

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
LIBDIR = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
MANDIR = $(PREFIX)/share/man
DATADIR = $(PREFIX)/share
BASHDIR = $(DATADIR)/bash-completion/completions
ZSHDIR = $(DATADIR)/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
FISHDIR = $(DATADIR)/fish/vendor_completions.d

CC = cc
AR = ar
INSTALL = install
PKG_CONFIG = pkg-config
CFLAGS = -O2 -g

# A variant is a way to build everything: release, asan, cov, fuzz.
VARIANT = release
B = build/$(VARIANT)

# What only histories need may be missing: SQLite is loaded when it is needed.
has = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo $(2))
SQLITE := $(call has,sqlite3,-DRJ_HAS_SQLITE)
ZLIB := $(call has,zlib,-DRJ_HAS_ZLIB)
POSTGRESQL := $(call has,libpq,yes)
DEPS_CFLAGS := $(shell $(PKG_CONFIG) --cflags libxml-2.0 libutf8proc 2>/dev/null) \
	$(SQLITE) $(ZLIB)
DEPS_LIBS := $(shell $(PKG_CONFIG) --libs libxml-2.0 libutf8proc 2>/dev/null) \
	$(if $(ZLIB),-lz) -lm -ldl

OUR_CPPFLAGS = -Iinclude -Isrc -I$(B) -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE \
	$(DEPS_CFLAGS)
OUR_CFLAGS = -std=c11 -fPIC -fvisibility=hidden -Wall -Wextra -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla \
	-Wwrite-strings -pthread $(VARIANT_CFLAGS)
OUR_LDFLAGS = -pthread $(VARIANT_CFLAGS)

ifdef DEV
OUR_CFLAGS += -Werror
endif

CLI_SRC = $(wildcard src/cli/*.c)
MODULE_SRC = $(wildcard src/postgresql/*.c)
LIB_SRC = $(filter-out $(CLI_SRC) $(MODULE_SRC),$(wildcard src/*/*.c))
UNIT_SRC = $(wildcard test/unit/*.c)
LIB_OBJ = $(LIB_SRC:%.c=$(B)/%.o)
CLI_OBJ = $(CLI_SRC:%.c=$(B)/%.o) $(B)/src/main.o
UNIT_BIN = $(UNIT_SRC:test/unit/%.c=$(B)/unit/%)
SCHEMAS = $(wildcard doc/*.schema.json src/history/schema/*.sql)
PLUGIN = src/pytest/pytest_rejunit.py
PAGES_7 = $(wildcard doc/*.7)
ALL_C = $(LIB_SRC) $(CLI_SRC) $(MODULE_SRC) src/main.c $(UNIT_SRC)
ALL_H = $(wildcard src/*/*.h include/*.h test/unit/*.h)

STATIC = $(B)/librejunit.a
SHARED = $(B)/librejunit.so.$(VERSION)
MODULE = $(if $(POSTGRESQL),$(B)/rejunit-postgresql.so)

# V=1 shows the commands.
ifdef V
say = @:
hide =
else
say = @printf '  %s\n' "$(1)"
hide = @
endif

COMPILE = $(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS)
LINK = $(CC) $(OUR_LDFLAGS) $(CFLAGS) $(LDFLAGS)

# With other flags everything is built anew: the file changes with them alone.
BUILT_WITH = $(COMPILE) $(LINK) $(AR) $(DEPS_LIBS) $(LDLIBS) $(COMMAND_LIB)
FLAGS = $(B)/flags

.PHONY: always all static demo test test-all check unit bench lint asan cov fuzz fuzz-smoke mutants \
	promises page-shots install uninstall dist distcheck clean update-fixtures \
	print-version tarball npm wheel deb wheel-module

all: rejunit $(SHARED) $(MODULE)

$(FLAGS): always
	@mkdir -p $(@D)
	@flags='$(subst ','\'',$(BUILT_WITH))'; \
		printf '%s\n' "$$flags" | cmp -s - $@ || \
		printf '%s\n' "$$flags" >$@

# make leaves the command here, whatever the variant was before.
rejunit: $(B)/rejunit $(MODULE) always
	@for f in $(<F) $(notdir $(MODULE)); do \
		cmp -s $(B)/$$f $$f || \
			{ cp -p $(B)/$$f $$f.new && mv -f $$f.new $$f; }; \
	done

# What the command is linked with: itself, or, for a system that has it, the
# shared library.
COMMAND_LIB = $(STATIC)

$(B)/rejunit: $(CLI_OBJ) $(COMMAND_LIB) $(FLAGS)
	$(call say,LD $@)
	$(if $(SQLITE),,@echo "  left out, for want of sqlite3: histories")
	$(if $(ZLIB),,@echo "  left out, for want of zlib: compressed run records")
	$(if $(POSTGRESQL),,@echo "  left out, for want of libpq: histories in PostgreSQL")
	$(hide)$(LINK) -o $@ $(CLI_OBJ) $(COMMAND_LIB) $(DEPS_LIBS) $(LDLIBS)

# Without a dynamic loader the command starts in half the time, and runs on any
# Linux of its processor: it takes no library, and no encoding, from there.
ifneq ($(VARIANT),static)
static:
	@$(MAKE) --no-print-directory VARIANT=static \
		VARIANT_CFLAGS="-DRJ_STATIC -DRJ_LINKED_SQLITE" static
else
static: $(B)/rejunit-static
	@cp -p $< rejunit-static
endif
$(B)/rejunit-static: $(CLI_OBJ) $(STATIC) $(B)/no_icu.o
	$(call say,LD $@)
	$(hide)$(LINK) -static -o $@ $^ $(OWN_LIBS) $(LDLIBS) 2>$@.log || \
		{ cat $@.log >&2; exit 1; }

# What such a command takes along. Debian's libxml2 asks ICU for encodings that
# iconv does not know, which would be 30 MB, and it sees nothing but UTF-8 here:
# so there are none.
OWN_LIBS = $(shell $(PKG_CONFIG) --static --libs libxml-2.0 libutf8proc \
	sqlite3 zlib | tr ' ' '\n' | grep -v '^-licu')
$(B)/no_icu.c: Makefile
	@mkdir -p $(@D)
	@{ echo "typedef int none;"; \
		nm "$$($(CC) -print-file-name=libxml2.a)" 2>/dev/null | \
		awk '$$1 == "U" && $$2 ~ /^(ucnv|UCNV)_/ { print $$2 }' | sort -u | \
		sed 's/.*/void *&(void);\nvoid *&(void) { return 0; }/'; } >$@
$(B)/no_icu.o: $(B)/no_icu.c
	$(hide)$(CC) $(CFLAGS) -fPIC -c -o $@ $<

# The same but for libc, so that it can load the module for servers.
$(B)/rejunit-whole: $(CLI_OBJ) $(STATIC) $(B)/no_icu.o
	$(call say,LD $@)
	$(hide)$(LINK) -o $@ $^ -Wl,-Bstatic \
		$(filter-out -lm -lpthread -ldl,$(OWN_LIBS)) -Wl,-Bdynamic \
		-lm -ldl $(LDLIBS)
wheel-module: MODULE_LIBS = $(shell $(PKG_CONFIG) --libs libpq) \
	-Wl,-Bstatic -lutf8proc -Wl,-Bdynamic
wheel-module: $(MODULE)

$(STATIC): $(LIB_OBJ) $(FLAGS)
	$(call say,AR $@)
	@rm -f $@
	$(hide)$(AR) rcs $@ $(LIB_OBJ)

$(SHARED): $(LIB_OBJ) $(FLAGS)
	$(call say,LD $@)
	$(hide)$(LINK) -shared -Wl,-soname,librejunit.so.$(SOVERSION) -o $@ \
		$(LIB_OBJ) $(DEPS_LIBS) $(LDLIBS)

# Histories on a server: loaded by who names one, with the library for it.
MODULE_LIBS = $(shell $(PKG_CONFIG) --libs libpq libutf8proc)
$(B)/rejunit-postgresql.so: $(MODULE_SRC:%.c=$(B)/%.o) $(STATIC) $(FLAGS)
	$(call say,LD $@)
	$(hide)$(LINK) -shared -Wl,--exclude-libs,ALL -o $@ \
		$(MODULE_SRC:%.c=$(B)/%.o) $(STATIC) \
		$(MODULE_LIBS) $(LDLIBS)
$(B)/src/postgresql/postgresql.o: OUR_CPPFLAGS += $(shell $(PKG_CONFIG) --cflags libpq)
$(B)/src/postgresql/postgresql.o: $(B)/history/postgresql_schema.h

# Where it is installed is known to what loads it.
$(B)/libdir: always
	@mkdir -p $(@D)
	@echo '$(LIBDIR)' | cmp -s - $@ || echo '$(LIBDIR)' >$@
$(B)/src/history/driver.o: $(B)/libdir
$(B)/src/history/driver.o: OUR_CPPFLAGS += -DRJ_MODULES='"$(LIBDIR)/rejunit"'

# What makes the tables of a history, a statement a string.
$(B)/history/%_schema.h: src/history/schema/%-1.sql src/history/schema/%-2.sql Makefile
	@mkdir -p $(@D)
	@awk -v name=$* 'BEGIN { RS = "" } \
		FNR == 1 { if (step++) print "NULL };"; \
		print "static const char *const rj_" name "_" step "[] = {" } \
		{ gsub(/--[^\n]*/, ""); gsub(/[\n\t ]+/, " "); \
		gsub(/"/, "\\\""); sub(/;? *$$/, ""); sub(/^ */, ""); \
		if ($$0 != "") print "\"" $$0 "\"," } \
		END { print "NULL };" }' $(filter %.sql,$^) >$@
$(B)/src/history/sqlite.o: $(B)/history/sqlite_schema.h

# A page's style and script as bytes, and the digests that its policy names.
$(B)/page/assets.h: src/page/style.css src/page/script.js Makefile
	@mkdir -p $(@D)
	@for f in style.css script.js; do \
		name=$${f%.*}; upper=$$(echo $$name | tr a-z A-Z); \
		echo "#define RJ_PAGE_$${upper}_HASH \"$$(sha256sum src/page/$$f \
			| cut -c1-64 | tr a-f A-F | basenc --base16 -d | base64)\""; \
		echo "static const char rj_page_$${name}_text[] = {"; \
		od -An -v -td1 src/page/$$f | sed 's/  */,/g; s/^,//; s/$$/,/'; \
		echo "};"; \
		echo "#define RJ_PAGE_$${upper}_SIZE sizeof(rj_page_$${name}_text)"; \
	done >$@
$(B)/src/page/page.o: $(B)/page/assets.h

$(B)/%.o: %.c Makefile $(FLAGS)
	@mkdir -p $(@D)
	$(call say,CC $<)
	$(hide)$(COMPILE) -MMD -MP -c -o $@ $<

$(B)/unit/%: $(B)/test/unit/%.o $(STATIC) $(FLAGS)
	@mkdir -p $(@D)
	$(call say,LD $@)
	$(hide)$(LINK) -o $@ $< $(STATIC) $(DEPS_LIBS) $(LDLIBS)

# It hands out the memory.
$(B)/unit/allocations: OUR_LDFLAGS += -Wl,--wrap=malloc -Wl,--wrap=calloc \
	-Wl,--wrap=realloc -Wl,--wrap=free

.SECONDARY: $(UNIT_SRC:%.c=$(B)/%.o)

demo:
	@test/deps build
	@$(MAKE) --no-print-directory -s rejunit
	@test/demo

# test installs what is missing; check only runs the tests.
test:
	@test/deps build test
	@$(MAKE) --no-print-directory check

# What needs a package manager, a browser or many runners.
test-all:
	@test/deps build test all
	@$(MAKE) --no-print-directory check \
		CHECKS='$$(UNIT_BIN) $$(sort $$(wildcard test/cli/*.t test/all/*.t))'

# The picture of the README, and others of each part of a page: build/shots.
page-shots: $(B)/rejunit
	@test/deps build test all
	@REJUNIT=$(CURDIR)/$(B)/rejunit test/all/shots doc/page.png

CHECKS = $(UNIT_BIN) $(sort $(wildcard test/cli/*.t))

check: $(B)/rejunit $(SHARED) $(MODULE) $(UNIT_BIN)
	@REJUNIT=$(CURDIR)/$(B)/rejunit BUILD=$(CURDIR)/$(B) \
		prove -Q --comments --failures $(PROVEFLAGS) $(CHECKS)

# Shows how golden cases differ, then takes what rejunit says now.
update-fixtures: $(B)/rejunit
	REJUNIT=$(CURDIR)/$(B)/rejunit test/cli/golden.t --update

# Prints Markdown; QUICK=1 takes smaller reports.
bench:
	@test/deps build bench
	@$(MAKE) --no-print-directory -s rejunit build/bench/measure \
		build/bench/startup >&2
	-@$(MAKE) --no-print-directory -s static >/dev/null 2>&1
	@test/bench/run $(if $(QUICK),--quick)
	@test/bench/doubling $(if $(QUICK),--quick)
	@test/bench/remember $(if $(QUICK),--quick)
	@test/bench/pages $(if $(QUICK),--quick)

build/bench/%: test/bench/%.c $(FLAGS)
	@mkdir -p $(@D)
	$(call say,CC $@)
	$(hide)$(COMPILE) -o $@ $< $(LDFLAGS) $(DEPS_LIBS) $(LDLIBS)

lint:
	@test/deps build lint
	@$(MAKE) --no-print-directory -s $(B)/history/sqlite_schema.h \
		$(B)/history/postgresql_schema.h $(B)/page/assets.h
	@test/lint $(ALL_C) -- $(ALL_H) -- $(OUR_CPPFLAGS) \
		$(shell $(PKG_CONFIG) --cflags libpq)

asan:
	@test/deps build test asan
	@ASAN_OPTIONS=detect_leaks=1 $(MAKE) --no-print-directory check \
		VARIANT=asan CC=clang \
		VARIANT_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"

# Each fuzzer runs until it finds something, or for FUZZ_SECONDS; FUZZ="read
# heart" names some of them. Small buffers have their edges everywhere.
FUZZ_SECONDS = 3600
FUZZ = $(basename $(notdir $(wildcard test/fuzz/*.c)))
FUZZ_FLAGS = -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer \
	-DRJ_WINDOW_MAX=40960 -DRJ_WINDOW_OLD=16384 -DRJ_OUT_SIZE=8192
FUZZ_BIN = $(FUZZ:%=build/fuzz/%)
FUZZ_RUN = -entropic=0 -timeout=20 -artifact_prefix=build/fuzz/

ifneq ($(VARIANT),fuzz)
build/fuzz/librejunit.a: $(LIB_SRC) $(ALL_H) Makefile
	@$(MAKE) --no-print-directory -s VARIANT=fuzz CC=clang \
		CFLAGS="-O1 -g" VARIANT_CFLAGS="$(FUZZ_FLAGS)" $@
endif

$(FUZZ_BIN): build/fuzz/%: test/fuzz/%.c build/fuzz/librejunit.a \
		$(wildcard test/fuzz/*.h test/unit/*.h)
	$(call say,LD $@)
	$(hide)clang $(OUR_CPPFLAGS) -D_GNU_SOURCE -g -O1 $(FUZZ_FLAGS) \
		-fsanitize=fuzzer -o $@ $< build/fuzz/librejunit.a $(DEPS_LIBS)

fuzz:
	@test/deps build test asan
	@$(MAKE) --no-print-directory $(FUZZ_BIN)
	@test/fuzz/seeds build/fuzz/seeds
	@for f in $(FUZZ); do \
		echo "$$f"; mkdir -p build/fuzz/corpus/$$f && \
		build/fuzz/$$f $(FUZZ_RUN) -dict=test/fuzz/junit.dict \
			-max_len=65536 -max_total_time=$(FUZZ_SECONDS) \
			-print_final_stats=1 build/fuzz/corpus/$$f \
			build/fuzz/seeds/$$f || exit; \
	done

# Replays the seeds and every find, and looks round for a while.
fuzz-smoke:
	@test/deps build test asan
	@$(MAKE) --no-print-directory $(FUZZ_BIN)
	@test/fuzz/seeds build/fuzz/seeds
	@build/fuzz/update $(FUZZ_RUN) -verbosity=0 $(wildcard test/fuzz/finds/*)
	@for f in $(FUZZ); do \
		build/fuzz/$$f $(FUZZ_RUN) -verbosity=0 -runs=0 \
			build/fuzz/seeds/$$f && \
		build/fuzz/$$f $(FUZZ_RUN) -verbosity=0 -seed=1 -max_len=20000 \
			-dict=test/fuzz/junit.dict -max_total_time=10 \
			build/fuzz/seeds/$$f || exit; \
	done

# Breaks the source in many ways, to see whether the tests notice (hours).
mutants:
	@test/deps build test
	@test/mutate

# Breaks each promise of test/promises, to see the test fail that keeps it.
promises:
	@test/deps build test
	@test/mutate --promises

# Whoever is killed while it notes what it reached spoils the notes: not in faults.t and sets.t.
cov:
	@test/deps build test cov
	@rm -rf build/cov
	@$(MAKE) --no-print-directory check VARIANT=cov CC=gcc CFLAGS="-O0 -g" \
		VARIANT_CFLAGS=--coverage \
		CHECKS='$$(filter-out test/cli/faults.t test/cli/sets.t,$$(UNIT_BIN) $$(sort $$(wildcard test/cli/*.t)))'
	@test/coverage build/cov

install: rejunit $(STATIC) $(SHARED) $(MODULE)
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(MANDIR)/man1 \
		$(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(MANDIR)/man7
	$(INSTALL) -m 755 $(B)/rejunit $(DESTDIR)$(BINDIR)/rejunit
	$(INSTALL) -m 644 include/rejunit.h $(DESTDIR)$(INCLUDEDIR)/
	$(INSTALL) -m 644 $(STATIC) $(DESTDIR)$(LIBDIR)/
	$(INSTALL) -m 755 $(SHARED) $(DESTDIR)$(LIBDIR)/
	ln -sf librejunit.so.$(VERSION) \
		$(DESTDIR)$(LIBDIR)/librejunit.so.$(SOVERSION)
	ln -sf librejunit.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/librejunit.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@ZLIB@|$(if $(ZLIB), zlib)|' \
		doc/rejunit.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/rejunit.pc
	$(INSTALL) -m 644 doc/rejunit.1 $(DESTDIR)$(MANDIR)/man1/
	$(INSTALL) -m 644 doc/rejunit.3 $(DESTDIR)$(MANDIR)/man3/
	$(INSTALL) -m 644 $(PAGES_7) $(DESTDIR)$(MANDIR)/man7/
	$(INSTALL) -d $(DESTDIR)$(DATADIR)/rejunit
	$(INSTALL) -m 644 $(SCHEMAS) $(PLUGIN) $(DESTDIR)$(DATADIR)/rejunit/
	$(INSTALL) -d $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	LD_LIBRARY_PATH=$(DESTDIR)$(LIBDIR) ./rejunit --completions=bash >$(DESTDIR)$(BASHDIR)/rejunit
	LD_LIBRARY_PATH=$(DESTDIR)$(LIBDIR) ./rejunit --completions=zsh >$(DESTDIR)$(ZSHDIR)/_rejunit
	LD_LIBRARY_PATH=$(DESTDIR)$(LIBDIR) ./rejunit --completions=fish >$(DESTDIR)$(FISHDIR)/rejunit.fish
	$(INSTALL) -d $(DESTDIR)$(LIBDIR)/rejunit
	$(if $(MODULE),$(INSTALL) -m 755 $(MODULE) $(DESTDIR)$(LIBDIR)/rejunit/)

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/rejunit $(DESTDIR)$(INCLUDEDIR)/rejunit.h \
		$(DESTDIR)$(LIBDIR)/librejunit.a \
		$(DESTDIR)$(LIBDIR)/librejunit.so \
		$(DESTDIR)$(LIBDIR)/librejunit.so.$(SOVERSION) \
		$(DESTDIR)$(LIBDIR)/librejunit.so.$(VERSION) \
		$(DESTDIR)$(LIBDIR)/pkgconfig/rejunit.pc \
		$(DESTDIR)$(MANDIR)/man1/rejunit.1 \
		$(DESTDIR)$(MANDIR)/man3/rejunit.3 \
		$(PAGES_7:doc/%=$(DESTDIR)$(MANDIR)/man7/%) \
		$(addprefix $(DESTDIR)$(DATADIR)/rejunit/,$(notdir $(SCHEMAS) $(PLUGIN))) \
		$(DESTDIR)$(BASHDIR)/rejunit $(DESTDIR)$(ZSHDIR)/_rejunit \
		$(DESTDIR)$(FISHDIR)/rejunit.fish \
		$(DESTDIR)$(LIBDIR)/rejunit/rejunit-postgresql.so
	-rmdir $(DESTDIR)$(DATADIR)/rejunit $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(LIBDIR)/rejunit \
		2>/dev/null

dist:
	@test/deps dist
	git archive --format=tar.gz --prefix=rejunit-$(VERSION)/ \
		-o rejunit-$(VERSION).tar.gz HEAD

# The archive builds, passes its tests, installs and leaves nothing behind.
distcheck: dist
	@test/deps build test
	rm -rf build/dist && mkdir -p build/dist
	tar -C build/dist -xzf rejunit-$(VERSION).tar.gz
	$(MAKE) -C build/dist/rejunit-$(VERSION) all check
	$(MAKE) -C build/dist/rejunit-$(VERSION) install DESTDIR=$(CURDIR)/build/dist/root
	$(MAKE) -C build/dist/rejunit-$(VERSION) uninstall DESTDIR=$(CURDIR)/build/dist/root
	test -z "$$(find build/dist/root -type f -o -type l)"
	rm -rf build/dist

# --- packages: each is built by one target, from nothing but what is here ------

print-version:
	@echo $(VERSION)

tarball npm wheel deb:
	@test/deps build $@
	@package/$@

clean:
	rm -rf build rejunit rejunit-static rejunit-*.tar.gz

-include $(ALL_C:%.c=$(B)/%.d)
