#include "merge/tests.h"

#include "model/identity.h"

/* More canonically equal names than this are not worth telling apart. */
#define FORMS_MAX 16

/* Identities with one normalised form. */
struct rj_form {
	struct rj_test *tests;
	size_t n;
};

static bool
join_form(struct rj_tests *tests, struct rj_test *t, struct rj_str normal)
{
	struct rj_form *f = rj_map_get(&tests->forms, normal);

	if (!f) {
		f = rj_alloc(tests->arena, sizeof(*f));
		if (!f ||
		    !rj_map_put_copy(&tests->forms, tests->arena, normal, f))
			return false;
	}
	t->form = f;
	t->next_form = f->tests;
	f->tests = t;
	f->n++;
	return true;
}

/* ASCII is its own normal form, and seldom anything else's. */
static bool
find_form(struct rj_tests *tests, struct rj_test *t)
{
	struct rj_buf normal = { 0 };
	struct rj_test *plain;
	bool ok;

	if (rj_is_ascii(t->key))
		return !rj_map_get(&tests->forms, t->key) ||
		       join_form(tests, t, t->key);
	ok =
	    rj_nfc(&normal, t->key) && join_form(tests, t, rj_buf_str(&normal));
	if (ok) {
		plain = rj_map_get(&tests->by_key, rj_buf_str(&normal));
		if (plain && !plain->form)
			ok = join_form(tests, plain, plain->key);
	}
	rj_buf_free(&normal);
	return ok;
}

struct rj_test *
rj_tests_find(struct rj_tests *tests, const struct rj_case *c)
{
	struct rj_str kept = rj_kept_key(c, tests->fields), key = kept;
	struct rj_test *t;

	if (!kept.s) {
		tests->key.n = 0;
		if (!rj_key(&tests->key, c, tests->fields))
			return NULL;
		key = rj_buf_str(&tests->key);
	}
	t = rj_map_get(&tests->by_key, key);
	if (t)
		return t;
	t = rj_alloc(tests->arena, sizeof(*t));
	if (!t)
		return NULL;
	t->slots_tail = &t->slots;
	t->cases_tail = &t->cases;
	t->key = kept;
	if ((!kept.s && !rj_alloc_str(tests->arena, key, &t->key)) ||
	    !rj_map_put(&tests->by_key, t->key, t) || !find_form(tests, t))
		return NULL;
	if (!tests->tail)
		tests->tail = &tests->all;
	*tests->tail = t;
	tests->tail = &t->next;
	return t;
}

struct rj_test *
rj_test_in_other_form(struct rj_test *current)
{
	struct rj_test *before = NULL;

	if (current->n_slots || !current->form || current->form->n > FORMS_MAX)
		return current;
	for (struct rj_test *t = current->form->tests; t; t = t->next_form) {
		if (t != current && t->run == current->run)
			return current;
		if (!t->n_slots)
			continue;
		if (before)
			return current;
		before = t;
	}
	return before ? before : current;
}

bool
rj_test_add_slot(
    struct rj_tests *tests, struct rj_test *t, struct rj_slot *slot)
{
	struct rj_slot_of *one = rj_alloc(tests->arena, sizeof(*one));

	if (!one)
		return false;
	one->slot = slot;
	*t->slots_tail = one;
	t->slots_tail = &one->next;
	t->n_slots++;
	return true;
}

void
rj_test_drop_slot(struct rj_test *t, const struct rj_slot *slot)
{
	struct rj_slot_of **at = &t->slots;

	while (*at && (*at)->slot != slot)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = (*at)->next;
	t->n_slots--;
	if (!*at)
		t->slots_tail = at;
}

bool
rj_test_add_case(
    struct rj_test *t, struct rj_arena *arena, struct rj_case *c, bool *first)
{
	struct rj_case_of *one = rj_alloc(arena, sizeof(*one));

	if (!one)
		return false;
	*first = t->run != c->suite->run;
	if (*first) {
		t->run = c->suite->run;
		t->cases = NULL;
		t->cases_tail = &t->cases;
		t->n_cases = 0;
		t->queued = NULL;
	}
	one->at = c;
	*t->cases_tail = one;
	t->cases_tail = &one->next;
	t->n_cases++;
	return true;
}

void
rj_tests_free(struct rj_tests *tests)
{
	rj_map_free(&tests->by_key);
	rj_map_free(&tests->forms);
	rj_buf_free(&tests->key);
}
