#include "audit/profile.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"

/*
 * What an element may have, in words. Attributes: "!" is required, ":" gives
 * a form. Children: in any order, or, for a sequence, in this one, with "?"
 * once at the most, "!" once, "*" as often as one likes.
 */
struct rj_profile_rule {
	const char *element;
	const char *attributes;
	const char *children;
	bool sequence;
	bool text;
};

#define RERUN_KINDS "rerunFailure rerunError flakyFailure flakyError"

/* What Jenkins' plugins accept. */
static const struct rj_profile_rule junit10[] = {
	{ "testsuites", "name time:thousandths tests failures errors",
	    "testsuite", false, false },
	{ "testsuite",
	    "name! tests! failures! errors! group time:thousandths skipped "
	    "timestamp hostname id package file log url version",
	    "testsuite properties testcase system-out system-err", false,
	    false },
	{ "properties", "", "property", false, false },
	{ "property", "name! value!", "", false, false },
	{ "testcase", "name! time classname group",
	    "skipped error failure " RERUN_KINDS " system-out system-err",
	    false, false },
	{ "failure", "type message", "", false, true },
	{ "error", "type message", "", false, true },
	{ "skipped", "type message", "", false, true },
	{ "rerunFailure", "message type!",
	    "stackTrace? system-out? system-err?", true, true },
	{ "rerunError", "message type!", "stackTrace? system-out? system-err?",
	    true, true },
	{ "flakyFailure", "message type!",
	    "stackTrace? system-out? system-err?", true, true },
	{ "flakyError", "message type!", "stackTrace? system-out? system-err?",
	    true, true },
	{ "stackTrace", "", "", false, true },
	{ "system-out", "", "", false, true },
	{ "system-err", "", "", false, true },
	{ NULL, NULL, NULL, false, false },
};

/* What Maven Surefire writes, one suite a file. */
static const struct rj_profile_rule surefire[] = {
	{ "testsuite",
	    "version name! time:float timestamp:date tests! errors! skipped! "
	    "failures! flakes group",
	    "properties? testcase*", true, false },
	{ "properties", "", "property", false, false },
	{ "property", "name! value!", "", false, false },
	{ "testcase", "name! classname group time!:float timestamp:date",
	    "failure* rerunFailure* flakyFailure* skipped? error? rerunError* "
	    "flakyError* system-out? system-err?",
	    true, false },
	{ "failure", "message type", "", false, true },
	{ "error", "message type", "", false, true },
	{ "skipped", "message", "", false, true },
	{ "rerunFailure", "message type", "stackTrace! system-out? system-err?",
	    true, false },
	{ "rerunError", "message type", "stackTrace! system-out? system-err?",
	    true, false },
	{ "flakyFailure", "message type", "stackTrace! system-out? system-err?",
	    true, false },
	{ "flakyError", "message type", "stackTrace! system-out? system-err?",
	    true, false },
	{ "stackTrace", "", "", false, true },
	{ "system-out", "", "", false, true },
	{ "system-err", "", "", false, true },
	{ NULL, NULL, NULL, false, false },
};

/* A word of a list, and what stands behind it. */
struct word {
	struct rj_str name;
	char mark; /* "!", "?", "*" or NUL */
	struct rj_str form;
};

static bool
next_word(const char **at, struct word *w)
{
	struct rj_str all;
	const char *colon;

	*at += strspn(*at, " ");
	all = (struct rj_str){ *at, strcspn(*at, " ") };
	if (all.n == 0)
		return false;
	*at += all.n;
	*w = (struct word){ .name = all };
	colon = memchr(all.s, ':', all.n);
	if (colon) {
		w->name.n = (size_t)(colon - all.s);
		w->form = (struct rj_str){ colon + 1, all.n - w->name.n - 1 };
	}
	if (strchr("!?*", w->name.s[w->name.n - 1]))
		w->mark = w->name.s[--w->name.n];
	return true;
}

static bool
find_word(const char *list, struct rj_str name, struct word *w)
{
	while (next_word(&list, w))
		if (rj_str_eq(w->name, name))
			return true;
	return false;
}

static const struct rj_profile_rule *
rule_of(const struct rj_profile_check *c, const char *element)
{
	const struct rj_profile_rule *r =
	    c->profile == REJUNIT_PROFILE_SUREFIRE ? surefire : junit10;

	while (r->element && strcmp(r->element, element) != 0)
		r++;
	return r->element ? r : NULL;
}

/* Digits, and behind a last comma three at least; three decimals at most. */
static bool
is_thousandths(struct rj_str s)
{
	size_t i = 0, since = 3;

	for (; i < s.n && s.s[i] != '.'; i++) {
		if (s.s[i] == ',')
			since = 0;
		else if (s.s[i] >= '0' && s.s[i] <= '9')
			since++;
		else
			return false;
	}
	if (since < 3 || (s.n - i) > 4)
		return false;
	for (i++; i < s.n; i++)
		if (s.s[i] < '0' || s.s[i] > '9')
			return false;
	return true;
}

static bool
is_float(struct rj_str s)
{
	int64_t ns;

	if (rj_str_eq(s, RJ_STR("INF")) || rj_str_eq(s, RJ_STR("-INF")) ||
	    rj_str_eq(s, RJ_STR("NaN")))
		return true;
	return rj_duration_read(s, &ns) != RJ_DURATION_NONE &&
	       !(s.n && memchr(s.s, ',', s.n));
}

/* A time stamp, with decimals and a zone behind it. */
static bool
is_date(struct rj_str s)
{
	size_t i = RJ_STAMP;

	if (!rj_is_stamp(s))
		return false;
	if (i < s.n && s.s[i] == '.')
		for (i++; i < s.n && s.s[i] >= '0' && s.s[i] <= '9';)
			i++;
	return i == s.n || (i + 1 == s.n && s.s[i] == 'Z') ||
	       (i + 6 == s.n && (s.s[i] == '+' || s.s[i] == '-'));
}

static bool
has_form(struct rj_str value, struct rj_str form)
{
	if (rj_str_eq(form, RJ_STR("thousandths")))
		return is_thousandths(value);
	if (rj_str_eq(form, RJ_STR("float")))
		return is_float(value);
	return !rj_str_eq(form, RJ_STR("date")) || is_date(value);
}

RJ_PRINTF(2, 3)
static bool
tell(struct rj_profile_check *c, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return c->tell(c->ctx, text);
}

static bool
check_attributes(struct rj_profile_check *c, const struct rj_profile_rule *r,
    const struct rj_element *e)
{
	struct rj_str prefix, name, value;
	const char *list = r->attributes;
	struct word w;
	int step = 0;

	while (rj_next_attribute(e, &step, &prefix, &name, &value)) {
		if (rj_str_eq(prefix, RJ_STR("xsi")))
			continue;
		if (prefix.n || !find_word(r->attributes, name, &w)) {
			if (!tell(c,
				"attribute \"%.*s\" is not allowed in <%s>",
				RJ_SHOWN(name), r->element))
				return false;
		} else if (!has_form(value, w.form)) {
			if (!tell(c,
				"\"%.*s\" has not the form of its kind in "
				"<%s>",
				RJ_SHOWN(name), r->element))
				return false;
		}
	}
	while (next_word(&list, &w)) {
		bool there = false;

		for (step = 0;
		     rj_next_attribute(e, &step, &prefix, &name, &value);)
			there = there || (!prefix.n && rj_str_eq(name, w.name));
		if (w.mark == '!' && !there &&
		    !tell(c, "attribute \"%.*s\" is missing in <%s>",
			RJ_SHOWN(w.name), r->element))
			return false;
	}
	return true;
}

/* Moves on in a sequence; false where the element does not come now. */
static bool
step(struct rj_profile_level *up, struct rj_str name)
{
	const char *list = up->rule->children;
	unsigned int at = 0;
	bool used = up->used;
	struct word w;

	for (; next_word(&list, &w); at++) {
		if (at < up->at)
			continue;
		if (at > up->at)
			used = false;
		if (rj_str_eq(w.name, name)) {
			if (used && w.mark != '*')
				return false;
			up->at = at;
			up->used = true;
			return true;
		}
		if (w.mark == '!' && !used)
			return false;
	}
	return false;
}

static bool
fits(struct rj_profile_level *up, struct rj_str name)
{
	struct word w;

	return up->rule->sequence ? step(up, name)
				  : find_word(up->rule->children, name, &w);
}

bool
rj_profile_start(struct rj_profile_check *c, const struct rj_element *e)
{
	const struct rj_profile_rule *r = rule_of(c, e->name);
	struct rj_str name = rj_str(e->name);
	struct rj_profile_level *up;

	up = c->depth ? &c->level[c->depth - 1] : NULL;
	c->level[c->depth++] = (struct rj_profile_level){ .rule = r };
	if (!up) {
		if (!r || (strcmp(e->name, "testsuite") != 0 &&
			      strcmp(e->name, "testsuites") != 0))
			return tell(c, "<%.*s> is no root", RJ_SHOWN(name));
	} else if (up->rule && !fits(up, name)) {
		c->level[c->depth - 1].rule = NULL;
		return tell(c, "<%.*s> is not allowed here, in <%s>",
		    RJ_SHOWN(name), up->rule->element);
	} else if (!up->rule) {
		c->level[c->depth - 1].rule = NULL;
		return true;
	}
	return check_attributes(c, r, e);
}

bool
rj_profile_end(struct rj_profile_check *c)
{
	const struct rj_profile_level *l = &c->level[--c->depth];
	const char *list;
	unsigned int at = 0;
	struct word w;

	if (!l->rule || !l->rule->sequence)
		return true;
	for (list = l->rule->children; next_word(&list, &w); at++)
		if (w.mark == '!' && (at > l->at || (at == l->at && !l->used)))
			return tell(c, "<%.*s> is missing in <%s>",
			    RJ_SHOWN(w.name), l->rule->element);
	return true;
}

bool
rj_profile_text(struct rj_profile_check *c)
{
	struct rj_profile_level *l = c->depth ? &c->level[c->depth - 1] : NULL;

	if (!l || !l->rule || l->rule->text || l->told)
		return true;
	l->told = true;
	return tell(c, "text is not allowed here, in <%s>", l->rule->element);
}
