#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "tap.h"

static void
strings(void)
{
	struct rj_buf b = { 0 };

	OK(rj_str_eq(rj_str(NULL), RJ_STR("")));
	OK(!rj_str_eq(RJ_STR("a"), RJ_STR("A")));
	OK(rj_str_ieq(RJ_STR("UTF-8"), RJ_STR("utf-8")));
	OK(rj_str_starts(RJ_STR("test_a"), RJ_STR("test_")));
	OK(!rj_str_starts(RJ_STR("tes"), RJ_STR("test_")));
	OK(rj_str_find(RJ_STR("aaab"), RJ_STR("aab")) == 1);
	OK(rj_str_find(RJ_STR("a.b"), RJ_STR("b")) == 2);
	OK(rj_str_find(RJ_STR("a.b"), RJ_STR("a.b")) == 0);
	OK(rj_str_find(RJ_STR("a.a"), RJ_STR("a.b")) == 3);
	OK(rj_str_find(RJ_STR("a"), RJ_STR("a.b")) == 1);
	OK(rj_str_find((struct rj_str){ NULL, 0 }, RJ_STR("a")) == 0);
	OK(rj_str_ends(RJ_STR("a_test"), RJ_STR("_test")));
	OK(rj_str_number(RJ_STR("0")) == 0);
	OK(rj_str_number(RJ_STR("0042")) == 42);
	OK(rj_str_number(RJ_STR("")) == -1);
	OK(rj_str_number(RJ_STR("-1")) == -1);
	OK(rj_str_number(RJ_STR("1.5")) == -1);
	OK(rj_str_number(RJ_STR("99999999999999999999")) == -1);
	OK(rj_buf_add(&b, RJ_STR("a\0b")) && b.n == 3);
	OK(!rj_buf_reserve(&b, RJ_BUF_MAX) && b.n == 3);
	rj_buf_free(&b);
}

static void
arenas(void)
{
	struct rj_arena a = { 0 };
	struct rj_str copy;
	char *first = rj_alloc(&a, 10), *large;
	bool zero = true;

	memset(first, 'x', 10);
	large = rj_alloc(&a, 1 << 20);
	for (int i = 0; i < 1 << 20; i++)
		zero = zero && large[i] == 0;
	OK(zero);
	OK(first[9] == 'x');
	OK(rj_alloc_n(&a, SIZE_MAX / 2, 4) == NULL);
	OK(rj_alloc(&a, SIZE_MAX - 3) == NULL);
	OK(rj_alloc_str(&a, RJ_STR("abc"), &copy) && strlen(copy.s) == 3);
	OK(rj_alloc_str(&a, rj_str(NULL), &copy) && copy.s == NULL);
	rj_arena_reset(&a);
	OK(rj_alloc(&a, 100) != NULL);
	rj_arena_free(&a);
}

static void
maps(void)
{
	struct rj_map m = { 0 }, other = { 0 };
	static char keys[10000][8];
	bool all = true;

	OK(rj_map_get(&m, RJ_STR("a")) == NULL);
	for (int i = 0; i < 10000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%d", i);
		all = all && rj_map_put(&m, rj_str(keys[i]), keys[i]);
	}
	for (int i = 0; i < 10000; i++)
		all = all && rj_map_get(&m, rj_str(keys[i])) == keys[i];
	OK(all);
	OK(m.used == 10000);
	OK(rj_map_put(&m, RJ_STR("7"), keys[0]) && m.used == 10000);
	OK(rj_map_get(&m, RJ_STR("7")) == keys[0]);
	OK(rj_map_get(&m, RJ_STR("x")) == NULL);
	OK(rj_map_put(&m, RJ_STR(""), keys[1]) &&
	    rj_map_get(&m, rj_str(NULL)) == keys[1]);
	OK(rj_map_put(&other, RJ_STR("a"), keys[0]) &&
	    memcmp(m.seed, other.seed, sizeof(m.seed)) != 0);
	rj_map_free(&m);
	rj_map_free(&other);
}

static void
errors(void)
{
	static char path[9000];
	struct rejunit_error e;

	OK(rj_fail_at(&e, REJUNIT_INPUT, "f", 3, 4, "a%db", 1) ==
	    REJUNIT_INPUT);
	OK(strcmp(e.message, "a1b") == 0 && e.line == 3 && e.column == 4);
	rj_fail(&e, REJUNIT_INPUT,
	    "\033[31m\n\xc2\x9b\xff\xe2\x80\xae caf\xc3\xa9");
	OK(strcmp(e.message, "\\x1b[31m\\x0a\\x9b\\xff\\u202e caf\xc3\xa9") ==
	    0);
	memset(path, 'p', sizeof(path) - 1);
	rj_fail_at(&e, REJUNIT_INPUT, path, 0, 0, "x");
	OK(strlen(e.file) < sizeof(e.file) && e.file[0] == 'p');
	OK(rj_fail_memory(NULL) == REJUNIT_MEMORY);
}

int
main(void)
{
	strings();
	arenas();
	maps();
	errors();
	return done();
}
