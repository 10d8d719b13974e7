/* For spreadsheets, which must not take a cell for a formula. */
#include "list/lines.h"

#define COLUMNS                                                         \
	"id,classname,name,file,suite,hostname,direction,type,message," \
	"signature\r\n"

static void
put_cell(struct rj_list *l, struct rj_str s, const char *end)
{
	rj_list_put(l, "\"");
	if (s.n && strchr("=+-@\t\r\n|%", s.s[0]))
		rj_list_put(l, "'");
	while (s.n) {
		const char *quote = memchr(s.s, '"', s.n);
		size_t n = quote ? (size_t)(quote - s.s) + 1 : s.n;

		rj_out_text(&l->out, (struct rj_str){ s.s, n });
		rj_list_put(l, quote ? "\"" : "");
		s = rj_str_from(s, n);
	}
	rj_list_put(l, "\"");
	rj_list_put(l, end);
}

static void
put_line(struct rj_list *l, size_t i, enum rejunit_flaky direction)
{
	struct rejunit_execution x;
	struct rejunit_case c;

	if (!rejunit_update_test(l->update, i, &c))
		return;
	put_cell(l, rj_list_line(l, rejunit_case_id(&c)), ",");
	put_cell(l, rj_text(c.classname), ",");
	put_cell(l, rj_text(c.name), ",");
	put_cell(l, rj_text(c.file), ",");
	put_cell(l, rj_text(c.suite), ",");
	put_cell(l, rj_text(c.hostname), ",");
	put_cell(l, rj_str(rejunit_flaky_name(direction)), ",");
	if (!rj_list_failure(l, i, &x)) {
		rj_list_put(l, ",,\r\n");
		return;
	}
	put_cell(l, rj_text(x.type), ",");
	put_cell(l, rj_text(x.what), ",");
	put_cell(l, rj_text(x.signature), "\r\n");
}

void
rj_list_csv(struct rj_list *l)
{
	const struct rejunit_decision *d;

	rj_list_put(l, COLUMNS);
	for (size_t i = 0; !l->out.status &&
			   (d = rejunit_update_decision(l->update, i)) != NULL;
	     i++)
		if (rj_list_is_flaky(d))
			put_line(l, i, rejunit_decision_flaky(d));
}
