#include "out.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

enum rejunit_status
rj_out_open(struct rj_out *o, const char *encoding, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	*o = (struct rj_out){ .write = write, .ctx = ctx, .err = err };
	o->buf = malloc(RJ_OUT_SIZE);
	if (!o->buf)
		return o->status = rj_fail_memory(err);
	if (encoding) {
		iconv_t cd = iconv_open(encoding, "UTF-8");

		if (cd == (iconv_t)-1)
			return o->status = rj_fail(err, REJUNIT_OUTPUT,
				   "nothing can be written in %s", encoding);
		o->encoder = cd;
	}
	return REJUNIT_OK;
}

void
rj_out_close(struct rj_out *o)
{
	if (o->encoder)
		iconv_close(o->encoder);
	free(o->buf);
	o->encoder = NULL;
	o->buf = NULL;
}

void
rj_out_fail(struct rj_out *o, enum rejunit_status status)
{
	if (!o->status)
		o->status = status;
}

static void
put(struct rj_out *o, const void *data, size_t n)
{
	int e;

	if (o->status || n == 0)
		return;
	e = o->write(o->ctx, data, n);
	if (e)
		o->status = rj_fail(o->err, REJUNIT_OUTPUT,
		    "cannot be written: %s", strerror(e));
}

enum rejunit_status
rj_out_flush(struct rj_out *o)
{
	put(o, o->buf, o->n);
	o->n = 0;
	return o->status;
}

void
rj_out_raw(struct rj_out *o, const void *data, size_t n)
{
	if (o->status || n == 0)
		return;
	if (n > RJ_OUT_SIZE - o->n)
		rj_out_flush(o);
	if (n > RJ_OUT_SIZE / 2) {
		rj_out_flush(o);
		put(o, data, n);
		return;
	}
	memcpy(o->buf + o->n, data, n);
	o->n += n;
}

/* False if the encoding does not have it. */
static bool
encode(struct rj_out *o, struct rj_str s)
{
	char bytes[64];

	while (s.n) {
		char *in = (char *)s.s, *out = bytes;
		size_t room = sizeof(bytes);

		if (iconv(o->encoder, &in, &s.n, &out, &room) == (size_t)-1 &&
		    errno != E2BIG)
			return false;
		rj_out_raw(o, bytes, sizeof(bytes) - room);
		s.s = in;
	}
	return true;
}

static void
encode_character(struct rj_out *o, struct rj_str s)
{
	utf8proc_int32_t code;
	char text[48];

	if (encode(o, s))
		return;
	utf8proc_iterate(
	    (const utf8proc_uint8_t *)s.s, (utf8proc_ssize_t)s.n, &code);
	snprintf(text, sizeof(text), "%s&#x%X;%s", o->in_cdata ? "]]>" : "",
	    (unsigned int)code, o->in_cdata ? "<![CDATA[" : "");
	(void)encode(o, rj_str(text));
}

static void
follow_cdata(struct rj_out *o, char c)
{
	memmove(o->recent, o->recent + 1, sizeof(o->recent) - 1);
	o->recent[sizeof(o->recent) - 1] = c;
	if (memcmp(o->recent, "<![CDATA[", 9) == 0)
		o->in_cdata = true;
	else if (memcmp(o->recent + 6, "]]>", 3) == 0)
		o->in_cdata = false;
}

void
rj_out_text(struct rj_out *o, struct rj_str s)
{
	if (!o->encoder) {
		rj_out_raw(o, s.s, s.n);
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		o->part[o->n_part++] = s.s[i];
		if ((size_t)utf8proc_utf8class[(unsigned char)o->part[0]] >
			o->n_part &&
		    o->n_part < sizeof(o->part))
			continue;
		encode_character(o, (struct rj_str){ o->part, o->n_part });
		o->n_part = 0;
		follow_cdata(o, s.s[i]);
	}
}
