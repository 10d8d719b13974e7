#include "base/duration.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000

/* A number as it stands: digits, and where the point is among them. */
struct digits {
	int64_t value; /* of the first 18 that matter */
	int n; /* behind the point, less those that did not fit */
	bool any;
	bool has_comma;
	bool has_point;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
rj_is_stamp(struct rj_str s)
{
	static const char form[RJ_STAMP + 1] = "0000-00-00T00:00:00";

	if (s.n < RJ_STAMP)
		return false;
	for (size_t i = 0; i < RJ_STAMP; i++)
		if (form[i] == '0' ? !is_digit(s.s[i]) : s.s[i] != form[i])
			return false;
	return true;
}

/* Reads digits, a point and commas; a lone comma is a point. */
static size_t
read_digits(struct rj_str s, struct digits *d)
{
	bool point = memchr(s.s, '.', s.n) != NULL;
	bool behind = false;
	size_t i = 0;

	for (; i < s.n; i++) {
		if (is_digit(s.s[i])) {
			d->any = true;
			if (d->value >= INT64_MAX / 100)
				d->n -= !behind;
			else {
				d->value = d->value * 10 + (s.s[i] - '0');
				d->n += behind;
			}
		} else if (s.s[i] == '.' && !d->has_point) {
			d->has_point = behind = true;
		} else if (s.s[i] == ',' && !d->has_point && d->any &&
			   (point || !d->has_comma)) {
			d->has_comma = true;
			behind = !point;
		} else {
			break;
		}
	}
	return i;
}

static bool
read_exponent(struct rj_str s, int *out)
{
	size_t i = 1;
	int value = 0;

	if (i < s.n && (s.s[i] == '-' || s.s[i] == '+'))
		i++;
	if (i == s.n || s.n > 6)
		return false;
	for (; i < s.n; i++) {
		if (!is_digit(s.s[i]))
			return false;
		value = value * 10 + (s.s[i] - '0');
	}
	*out = s.s[1] == '-' ? -value : value;
	return true;
}

enum rj_duration
rj_duration_read(struct rj_str s, int64_t *ns)
{
	bool minus = s.n && s.s[0] == '-';
	struct digits d = { 0 };
	int shift = 9, exponent = 0;
	size_t n;

	*ns = 0;
	if (minus)
		s = (struct rj_str){ s.s + 1, s.n - 1 };
	if (s.n == 0)
		return RJ_DURATION_NONE;
	n = read_digits(s, &d);
	s = rj_str_from(s, n);
	if (!d.any || (s.n && s.s[0] != 'e' && s.s[0] != 'E'))
		return RJ_DURATION_NONE;
	if (s.n && !read_exponent(s, &exponent))
		return RJ_DURATION_NONE;
	shift += exponent - d.n;
	for (; shift < 0 && d.value; shift++)
		d.value /= 10;
	for (; shift > 0 && d.value; shift--) {
		if (d.value > INT64_MAX / 10)
			return RJ_DURATION_NONE;
		d.value *= 10;
	}
	*ns = minus ? -d.value : d.value;
	return d.has_comma || *ns < 0 ? RJ_DURATION_ODD : RJ_DURATION_PLAIN;
}

void
rj_duration_write(int64_t ns, char out[32])
{
	bool minus = ns < 0;
	uint64_t u = minus ? 0 - (uint64_t)ns : (uint64_t)ns;
	int n = snprintf(out, 32, "%s%" PRIu64 ".%09" PRIu64, minus ? "-" : "",
	    u / SECOND, u % SECOND);

	for (int most = 6; most > 0 && out[n - 1] == '0'; most--)
		out[--n] = '\0';
}

void
rj_decimal(double value, int digits, char out[64])
{
	double unit = 1;
	long long scaled;

	for (int i = 0; i < digits; i++)
		unit *= 10;
	scaled = (long long)(value * unit + (value < 0 ? -0.5 : 0.5));
	if (digits == 0)
		snprintf(out, 64, "%lld", scaled);
	else
		snprintf(out, 64, "%s%lld.%0*lld", scaled < 0 ? "-" : "",
		    llabs(scaled) / (long long)unit, digits,
		    llabs(scaled) % (long long)unit);
}

/* Whatever a place writes between whole and parts is a point here. */
void
rj_digits(double value, int digits, char out[64])
{
	size_t n = 0;
	bool point = false;

	snprintf(out, 64, "%.*g", digits, value);
	for (const char *at = out; *at; at++) {
		bool kept =
		    (*at >= '0' && *at <= '9') || strchr("+-einfa", *at);

		if (kept || !point)
			out[n++] = kept ? *at : '.';
		point = !kept;
	}
	out[n] = '\0';
}

static size_t
count_digits(struct rj_str s, size_t at, double *value)
{
	size_t n = 0;

	for (; at + n < s.n && s.s[at + n] >= '0' && s.s[at + n] <= '9'; n++)
		*value = *value * 10 + (s.s[at + n] - '0');
	return n;
}

bool
rj_read_digits(struct rj_str s, double *out)
{
	bool minus = s.n && s.s[0] == '-';
	double value = 0, exponent = 0, parts = 0, scale = 1;
	size_t at = minus, whole = count_digits(s, at, &value);

	at += whole;
	if (at < s.n && s.s[at] == '.')
		at += 1 +
		      (size_t)(parts = (double)count_digits(s, at + 1, &value));
	if (whole == 0 || s.n > 64)
		return false;
	if (at < s.n && (s.s[at] == 'e' || s.s[at] == 'E')) {
		bool less = at + 1 < s.n && s.s[at + 1] == '-';
		size_t sign = less || (at + 1 < s.n && s.s[at + 1] == '+');
		size_t n = count_digits(s, at + 1 + sign, &exponent);

		if (n == 0)
			return false;
		at += 1 + sign + n;
		exponent = less ? -exponent : exponent;
	}
	exponent -= parts;
	for (double n = fabs(exponent); n > 0 && scale < HUGE_VAL; n--)
		scale *= 10;
	value = exponent < 0 ? value / scale : value * scale;
	*out = minus ? -value : value;
	return at == s.n && isfinite(*out);
}
