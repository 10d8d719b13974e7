/* What libxml2 and utf8proc cost a program before it does a thing. */
#include <libxml/parser.h>
#include <stdlib.h>
#include <utf8proc.h>

int
main(void)
{
	utf8proc_uint8_t *normal;

	xmlInitParser();
	normal = utf8proc_NFC((const utf8proc_uint8_t *)"e\xcc\x81");
	free(normal);
	return normal == NULL;
}
