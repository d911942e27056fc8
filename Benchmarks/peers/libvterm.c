/* libvterm FILE: MB per second into a 160x45 screen, the median of at least five passes. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <vterm.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    if (count != 2) return 64;
    FILE *file = fopen(arguments[1], "rb");
    if (!file) return 66;
    size_t capacity = 16 << 20;
    char *data = malloc(capacity);
    if (!data) return 71;
    size_t size = fread(data, 1, capacity, file);
    double times[100], total = 0;
    int passes = 0;
    while (passes < 5 || (total < 1 && passes < 100)) {
        VTerm *terminal = vterm_new(45, 160);
        vterm_set_utf8(terminal, 1);
        vterm_screen_enable_altscreen(vterm_obtain_screen(terminal), 1);
        vterm_screen_reset(vterm_obtain_screen(terminal), 1);
        double start = now();
        vterm_input_write(terminal, data, size);
        times[passes] = now() - start;
        total += times[passes++];
        vterm_free(terminal);
    }
    qsort(times, passes, sizeof *times, ascending);
    printf("%f\n", size / times[passes / 2] / 1e6);
    return 0;
}
