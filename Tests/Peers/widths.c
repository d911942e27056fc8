/* The width wcwidth(3) gives each character up to the end of plane 3, one byte each; 255 where it knows none. */
#define _XOPEN_SOURCE 700
#include <locale.h>
#include <stdio.h>
#include <wchar.h>

int main(void)
{
    if (!setlocale(LC_CTYPE, "C.UTF-8")) return 1;
    for (wchar_t character = 0; character < 0x40000; character++) putchar(wcwidth(character) & 0xFF);
    return 0;
}
