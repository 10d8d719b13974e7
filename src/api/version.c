#include "rejunit.h"

const char *
rejunit_version(void)
{
	return REJUNIT_VERSION;
}
