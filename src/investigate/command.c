#include "investigate/command.h"

#include <string.h>

/* Runners, as far as an id shows whose it is. */
enum runner {
	OTHER,
	PYTEST,
	SUREFIRE,
	JUNIT_CONSOLE,
	GOOGLETEST,
	GO,
};

static bool
add(struct rj_buf *out, const char *s)
{
	return rj_buf_add(out, rj_str(s));
}

bool
rj_shell_quote(struct rj_buf *out, struct rj_str word)
{
	bool plain = word.n > 0, ok;

	for (size_t i = 0; i < word.n; i++)
		plain =
		    plain &&
		    (rj_is_word(word.s[i]) || strchr("-./:@%+,=", word.s[i])) &&
		    (unsigned char)word.s[i] < 0x80;
	if (plain)
		return rj_buf_add(out, word);
	ok = add(out, "'");
	for (size_t i = 0; i < word.n && ok; i++)
		ok = word.s[i] == '\''
			 ? add(out, "'\\''")
			 : rj_buf_add(out, (struct rj_str){ word.s + i, 1 });
	return ok && add(out, "'");
}

/* --- ids ----------------------------------------------------------------- */

/* Up to the component of a dotted name that is called like a test module. */
static size_t
module_end(struct rj_str classname)
{
	size_t found = 0;

	for (size_t from = 0; from <= classname.n;) {
		struct rj_str rest = rj_str_from(classname, from);
		struct rj_str part = { rest.s, rj_str_find(rest, RJ_STR(".")) };

		if (rj_str_starts(part, RJ_STR("test_")) ||
		    rj_str_ends(part, RJ_STR("_test")))
			found = from + part.n;
		from += part.n + 1;
	}
	return rj_str_find(classname, RJ_STR(" ")) < classname.n ||
		       rj_str_find(classname, RJ_STR("/")) < classname.n
		   ? 0
		   : found;
}

static bool
add_mapped(struct rj_buf *out, struct rj_str s, const char *for_dot)
{
	bool ok = true;

	for (size_t i = 0; i < s.n && ok; i++)
		ok = s.s[i] == '.'
			 ? add(out, for_dot)
			 : rj_buf_add(out, (struct rj_str){ s.s + i, 1 });
	return ok;
}

bool
rj_target_id(struct rj_buf *out, const struct rj_target *t)
{
	size_t end = t->is_known ? 0 : module_end(t->classname);
	struct rj_str module = { t->classname.s, end };

	if (!end)
		return rj_buf_add_visible(out, t->id);
	return add_mapped(out, module, "/") && add(out, ".py") &&
	       add_mapped(out, rj_str_from(t->classname, end), "::") &&
	       add(out, "::") && rj_buf_add_visible(out, t->name);
}

static enum runner
runner_of(struct rj_str id, const struct rj_target *t)
{
	struct rj_str rest;

	if (rj_str_find(id, RJ_STR(".py::")) < id.n)
		return PYTEST;
	if (rj_str_find(id, RJ_STR(" -run=^")) < id.n)
		return GO;
	if (!t->is_known || !rj_str_starts(id, t->classname))
		return OTHER;
	rest = rj_str_from(id, t->classname.n);
	if (rj_str_starts(rest, RJ_STR("#")))
		return rj_str_ends(id, RJ_STR(")")) ? JUNIT_CONSOLE : SUREFIRE;
	if (rj_str_starts(rest, RJ_STR(".")) &&
	    rj_str_eq(rj_str_from(rest, 1), t->name))
		return GOOGLETEST;
	return OTHER;
}

/* --- commands ------------------------------------------------------------ */

/* A command with one id, or two. */
struct form {
	const char *begins;
	const char *between; /* ids; NULL: each a word of its own */
};

static const struct form forms[] = {
	[PYTEST] = { "pytest ", NULL },
	[SUREFIRE] = { "mvn test -Dtest=", "," },
	[JUNIT_CONSOLE] = { "java -jar junit-platform-console-standalone.jar "
			    "execute --select-method=",
	    NULL },
	[GOOGLETEST] = { "./your-tests --gtest_filter=", ":" },
};

/* "package -run=^TestX$": the pattern stands before the package. */
static bool
add_go(struct rj_buf *out, struct rj_str id, const char *options)
{
	size_t at = rj_str_find(id, RJ_STR(" -run="));

	return add(out, "go test ") &&
	       add(out, *options ? options : "-count=1 ") &&
	       rj_shell_quote(out, rj_str_from(id, at + 1)) && add(out, " ") &&
	       rj_shell_quote(out, (struct rj_str){ id.s, at });
}

/* Those of one package and without subtests run in one process. */
static bool
run_go(struct rj_buf *out, const char *options, const struct rj_str *ids, int n)
{
	const struct rj_str package = { ids[0].s,
		rj_str_find(ids[0], RJ_STR(" -run=")) };
	struct rj_buf all = { 0 };
	bool are_one = true, ok;

	for (int i = 0; i < n; i++)
		are_one =
		    are_one && rj_str_starts(ids[i], package) &&
		    rj_str_starts(
			rj_str_from(ids[i], package.n), RJ_STR(" -run=")) &&
		    rj_str_find(rj_str_from(ids[i], package.n), RJ_STR("/")) +
			    package.n ==
			ids[i].n;
	ok = are_one && n > 1 && rj_buf_add(&all, ids[0]);
	for (int i = 1; i < n && ok; i++)
		ok = rj_buf_add(&all, RJ_STR("|")) &&
		     rj_buf_add(&all, rj_str_from(ids[i], package.n + 6));
	if (are_one && n > 1)
		ok = ok && add_go(out, rj_buf_str(&all), options);
	else
		ok = true;
	for (int i = 0; i < n && ok && !(are_one && n > 1); i++)
		ok = (i == 0 || add(out, " && ")) &&
		     add_go(out, ids[i], options);
	rj_buf_free(&all);
	return ok;
}

static bool
run_ids(struct rj_buf *out, enum runner runner, const char *options,
    const struct rj_str *ids, int n)
{
	const struct form *form = &forms[runner];
	struct rj_buf word = { 0 };
	bool ok = add(out, form->begins) && add(out, options);

	if (runner == PYTEST || runner == JUNIT_CONSOLE) {
		for (int i = 0; i < n && ok; i++)
			ok = (i == 0 || add(out, runner == PYTEST
						     ? " "
						     : " --select-method=")) &&
			     rj_shell_quote(out, ids[i]);
		return ok;
	}
	for (int i = 0; i < n && ok; i++)
		ok = (i == 0 || add(&word, form->between)) &&
		     rj_buf_add(&word, ids[i]);
	ok = ok && rj_shell_quote(out, rj_buf_str(&word));
	rj_buf_free(&word);
	return ok;
}

/* Of what no runner is known of, what to run: a comment, to the end. */
static bool
run_somehow(
    struct rj_buf *out, const char *how, const struct rj_str *ids, int n)
{
	bool ok =
	    add(out, "# with your runner") && add(out, how) && add(out, ": ");

	for (int i = 0; i < n && ok; i++)
		ok = (i == 0 || add(out, ", then ")) && rj_buf_add(out, ids[i]);
	return ok;
}

#define TARGETS_MAX 16

/* With their ids; `how` is for runners that nobody knows. */
static bool
run(struct rj_buf *out, const char *options, const char *how,
    const struct rj_target *t, int n)
{
	struct rj_buf id[TARGETS_MAX] = { { 0 } };
	struct rj_str ids[TARGETS_MAX];
	enum runner runner;
	bool ok = true;

	n = n < TARGETS_MAX ? n : TARGETS_MAX;
	for (int i = 0; i < n && ok; i++) {
		ok = rj_target_id(&id[i], &t[i]);
		ids[i] = rj_buf_str(&id[i]);
	}
	runner = ok ? runner_of(ids[n - 1], &t[n - 1]) : OTHER;
	if (ok && runner == GO)
		ok = run_go(out, options, ids, n);
	else if (ok && runner == OTHER)
		ok = run_somehow(out, how, ids, n);
	else if (ok)
		ok = run_ids(out, runner, options, ids, n);
	for (int i = 0; i < n; i++)
		rj_buf_free(&id[i]);
	return ok;
}

static enum runner
find_runner(const struct rj_target *t)
{
	struct rj_buf id = { 0 };
	enum runner runner =
	    rj_target_id(&id, t) ? runner_of(rj_buf_str(&id), t) : OTHER;

	rj_buf_free(&id);
	return runner;
}

bool
rj_knows_runner(const struct rj_target *t)
{
	return find_runner(t) != OTHER;
}

bool
rj_command_alone(struct rj_buf *out, const struct rj_target *t)
{
	return run(out, "", "", t, 1);
}

bool
rj_command_repeat(struct rj_buf *out, const struct rj_target *t)
{
	switch (find_runner(t)) {
	case GO:
		return run(out, "-count=50 -failfast ", "", t, 1);
	case GOOGLETEST:
		return run(out, "", "", t, 1) &&
		       add(out, " --gtest_repeat=50 --gtest_break_on_failure");
	case OTHER:
		return run(out, "", ", until it fails", t, 1);
	default:
		return add(out, "i=0; while ") && run(out, "", "", t, 1) &&
		       add(out, " && [ $((i += 1)) -lt 50 ]; do :; done");
	}
}

bool
rj_command_capture(struct rj_buf *out, const struct rj_target *t)
{
	enum runner runner = find_runner(t);
	struct rj_buf id = { 0 };
	bool ok = true;

	if (runner == PYTEST)
		ok = rj_target_id(&id, t) &&
		     add(out, "python -m retracesoftware --recording "
			      "recordings/failing.retrace -- -m pytest ") &&
		     rj_shell_quote(out, rj_buf_str(&id));
	else if (runner == GOOGLETEST)
		ok = add(out, "rr record ") && run(out, "", "", t, 1);
	rj_buf_free(&id);
	return ok;
}

bool
rj_command_replay(
    struct rj_buf *out, const struct rj_target *t, struct rj_str recording)
{
	enum runner runner = find_runner(t);

	if (recording.n || runner == PYTEST)
		return add(out, "python -m retracesoftware --recording ") &&
		       rj_shell_quote(
			   out, recording.n
				    ? recording
				    : RJ_STR("recordings/failing.retrace")) &&
		       add(out, " --list_pids");
	return runner != GOOGLETEST || add(out, "rr replay");
}

bool
rj_command_fixtures(struct rj_buf *out, const struct rj_target *t)
{
	return run(
	    out, find_runner(t) == PYTEST ? "--setup-show " : "", "", t, 1);
}

bool
rj_command_in_order(struct rj_buf *out, const struct rj_target *t, int n)
{
	enum runner runner = find_runner(&t[n - 1]);

	return run(out, runner == PYTEST ? "-p no:randomly " : "",
		   ", in this order", t, n) &&
	       ((runner != GO && runner != GOOGLETEST) ||
		   add(out, "  # in the order of the source"));
}

bool
rj_command_seed(
    struct rj_buf *out, const struct rj_target *t, struct rj_str seed)
{
	struct rj_buf options = { 0 };
	enum runner runner = find_runner(t);
	const char *option = runner == PYTEST ? "--randomly-seed="
			     : runner == GO   ? "-shuffle="
					      : NULL;
	bool ok = true;

	if (option)
		ok = add(&options, option) && rj_shell_quote(&options, seed) &&
		     rj_buf_add(&options, RJ_STR(" \0"));
	ok = ok && run(out, option ? options.s : "", "", t, 1);
	if (ok && runner == GOOGLETEST)
		ok = add(out, " --gtest_shuffle --gtest_random_seed=") &&
		     rj_shell_quote(out, seed);
	else if (ok && !option)
		ok = add(out, "  # with the seed ") &&
		     rj_buf_add_visible(out, seed);
	rj_buf_free(&options);
	return ok;
}
