#include "history/clock.h"

#include <stdio.h>

#include "base/duration.h"

/* The days from 1970 to a date of the calendar that is in use. */
static int64_t
days_to(int64_t year, int64_t month, int64_t day)
{
	int64_t era, of_era, of_year;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	of_era = year - era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

static int64_t
number(struct rj_str s, size_t at, size_t n)
{
	int64_t value = 0;

	while (n--)
		value = value * 10 + (s.s[at++] - '0');
	return value;
}

static bool
has_digits(struct rj_str s, size_t at, size_t n)
{
	for (; n--; at++)
		if (at >= s.n || s.s[at] < '0' || s.s[at] > '9')
			return false;
	return true;
}

/* What stands behind the seconds: how far it is from UTC. */
static bool
read_zone(struct rj_str s, int64_t *offset)
{
	size_t colon;

	*offset = 0;
	if (s.n == 0 || (s.n == 1 && (s.s[0] == 'Z' || s.s[0] == 'z')))
		return true;
	if (s.s[0] != '+' && s.s[0] != '-')
		return false;
	colon = s.n > 3 && s.s[3] == ':';
	if (!has_digits(s, 1, 2) || !has_digits(s, 3 + colon, 2) ||
	    s.n != 5 + colon)
		return false;
	*offset = number(s, 1, 2) * 3600 + number(s, 3 + colon, 2) * 60;
	if (s.s[0] == '-')
		*offset = -*offset;
	return true;
}

bool
rj_clock_read(struct rj_str s, int64_t *at)
{
	int64_t month, day, hour, minute, second, offset;
	size_t rest = RJ_STAMP;

	if (!rj_is_stamp(s))
		return false;
	month = number(s, 5, 2);
	day = number(s, 8, 2);
	hour = number(s, 11, 2);
	minute = number(s, 14, 2);
	second = number(s, 17, 2);
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 ||
	    minute > 59 || second > 60)
		return false;
	if (rest < s.n && s.s[rest] == '.')
		for (rest++; has_digits(s, rest, 1);)
			rest++;
	if (!read_zone(rj_str_from(s, rest), &offset))
		return false;
	*at = (days_to(number(s, 0, 4), month, day) * 24 + hour) * 3600 +
	      minute * 60 + second - offset;
	return true;
}

bool
rj_clock_is_zoneless(struct rj_str s)
{
	size_t at = RJ_STAMP;

	while (at < s.n && (s.s[at] == '.' || has_digits(s, at, 1)))
		at++;
	return at >= s.n;
}

bool
rj_clock_is_sane(int64_t at)
{
	return at >= 0 && at <= 253402300799;
}

/* A day's year and month, and the day in it. */
static void
read_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	*year = 1970 + days / 366;
	*month = 1;
	while (days_to(*year + 1, 1, 1) <= days)
		++*year;
	while (*month < 12 && days_to(*year, *month + 1, 1) <= days)
		++*month;
	*day = days - days_to(*year, *month, 1) + 1;
}

static int64_t
days_of(int64_t at)
{
	return at / RJ_DAY - (at % RJ_DAY < 0);
}

int
rj_clock_month(int64_t at)
{
	int64_t year, month, day;

	read_days(days_of(at), &year, &month, &day);
	return (int)(year * 100 + month);
}

void
rj_clock_write(int64_t at, char out[40])
{
	int64_t second = at - days_of(at) * RJ_DAY, year, month, day;

	read_days(days_of(at), &year, &month, &day);
	snprintf(out, 40, "%04d-%02u-%02uT%02u:%02u:%02uZ", (int)year,
	    (unsigned int)month % 100, (unsigned int)day % 100,
	    (unsigned int)(second / 3600) % 100,
	    (unsigned int)(second / 60) % 60, (unsigned int)second % 60);
}
