/* Shows what libvterm makes of terminal bytes.
 *
 * vterm-dump COLUMNS ROWS OFFSET...   bytes on standard input
 *
 * At each offset (ascending) the screen is written: cursor row and column, then ROWS * COLUMNS cells. All numbers are
 * 32 bits, little-endian. A cell is nine of them: six characters (0 = none), foreground, background (0 default,
 * 1 << 24 | index, 2 << 24 | RGB), and attributes (1 bold, 2 italic, 4 blink, 8 reverse, 16 strike, underline << 8,
 * width << 16; the cell behind a wide character has width 0).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <vterm.h>

static void put(uint32_t value)
{
    for (int shift = 0; shift < 32; shift += 8) putchar((value >> shift) & 0xFF);
}

static uint32_t colour(VTermColor c, int is_default)
{
    if (is_default) return 0;
    if (VTERM_COLOR_IS_INDEXED(&c)) return 1u << 24 | c.indexed.idx;
    return 2u << 24 | (uint32_t)c.rgb.red << 16 | (uint32_t)c.rgb.green << 8 | c.rgb.blue;
}

static void dump(VTerm *terminal, int rows, int columns)
{
    VTermScreen *screen = vterm_obtain_screen(terminal);
    VTermPos cursor;
    vterm_state_get_cursorpos(vterm_obtain_state(terminal), &cursor);
    put((uint32_t)cursor.row);
    put((uint32_t)cursor.col);
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            VTermPos position = {row, column};
            VTermScreenCell cell;
            vterm_screen_get_cell(screen, position, &cell);
            int is_tail = cell.chars[0] == (uint32_t)-1;
            int ended = is_tail;
            for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL; i++) {
                if (!ended && cell.chars[i] == 0) ended = 1;
                put(ended ? 0 : cell.chars[i]);
            }
            put(colour(cell.fg, VTERM_COLOR_IS_DEFAULT_FG(&cell.fg)));
            put(colour(cell.bg, VTERM_COLOR_IS_DEFAULT_BG(&cell.bg)));
            put(cell.attrs.bold | cell.attrs.italic << 1 | cell.attrs.blink << 2 | cell.attrs.reverse << 3
                | cell.attrs.strike << 4 | (uint32_t)cell.attrs.underline << 8
                | (is_tail ? 0u : (uint32_t)cell.width) << 16);
        }
    }
}

int main(int count, char **arguments)
{
    if (count < 4) return 64;
    int columns = atoi(arguments[1]);
    int rows = atoi(arguments[2]);
    VTerm *terminal = vterm_new(rows, columns);
    vterm_set_utf8(terminal, 1);
    VTermScreen *screen = vterm_obtain_screen(terminal);
    vterm_screen_enable_altscreen(screen, 1);
    vterm_screen_reset(screen, 1);
    long done = 0;
    for (int i = 3; i < count; i++) {
        long offset = atol(arguments[i]);
        for (; done < offset; done++) {
            static char buffer[1 << 20];
            size_t wanted = (size_t)(offset - done) < sizeof buffer ? (size_t)(offset - done) : sizeof buffer;
            size_t length = fread(buffer, 1, wanted, stdin);
            if (length == 0) return 66;
            vterm_input_write(terminal, buffer, length);
            done += (long)length - 1;
        }
        dump(terminal, rows, columns);
    }
    vterm_free(terminal);
    return 0;
}
