/* live PORT VHOST LOGIN PASSWORD COUNT RATE SIZE FOLLOWERS NAME…: one publisher and so many consumers, a connection and a
   thread each, that log in as the NAMEs in turn; messages of SIZE bytes through playhead.live, without confirms, as
   librabbitmq does it alone. Prints milliseconds from the call of publish to the delivery. */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { channel = 1 };

static long count, size;

struct follower {
    amqp_connection_state_t connection;
    double *delays;
    pthread_t thread;
};

static void fail(const char *what) {
    fprintf(stderr, "live.c: %s\n", what);
    exit(1);
}

static void answered(amqp_connection_state_t connection, const char *what) {
    if (amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static amqp_connection_state_t log_in(char **words, const char *login) {
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (socket == NULL || amqp_socket_open(socket, "127.0.0.1", atoi(words[1])) != AMQP_STATUS_OK)
        fail("cannot connect");
    amqp_rpc_reply_t reply =
        amqp_login(connection, words[2], 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN, login, words[4]);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("cannot log in");
    amqp_channel_open(connection, channel);
    answered(connection, "no channel");
    return connection;
}

static void *consume(void *context) {
    struct follower *follower = context;
    amqp_connection_state_t connection = follower->connection;
    for (long got = 0; got < count; got++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        if (amqp_consume_message(connection, &envelope, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL)
            fail("no delivery");
        uint64_t sent;
        memcpy(&sent, envelope.message.body.bytes, sizeof sent);
        follower->delays[got] = (double)(nanoseconds() - sent) / 1e6;
        amqp_destroy_envelope(&envelope);
    }
    return NULL;
}

static int order(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void start(struct follower *follower, char **words, long number, char **names, long names_count) {
    char login[64], queue[72], key[64];
    snprintf(login, sizeof login, "f-%s", names[number % names_count]);
    snprintf(queue, sizeof queue, "%s.%c", login, "0123456789abcdefghijklmnopqrstuvwxyz"[number / names_count]);
    snprintf(key, sizeof key, "%s.#", words[3]);
    amqp_connection_state_t reader = log_in(words, login);
    amqp_queue_declare(reader, channel, amqp_cstring_bytes(queue), 0, 0, 1, 0, amqp_empty_table);
    answered(reader, "no queue");
    amqp_queue_bind(reader, channel, amqp_cstring_bytes(queue), amqp_cstring_bytes("playhead.live"),
                    amqp_cstring_bytes(key), amqp_empty_table);
    answered(reader, "not bound");
    amqp_basic_consume(reader, channel, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
    answered(reader, "cannot consume");
    follower->connection = reader;
    if (pthread_create(&follower->thread, NULL, consume, follower) != 0) fail("no thread");
}

int main(int words_count, char **words) {
    if (words_count < 10) fail("PORT VHOST LOGIN PASSWORD COUNT RATE SIZE FOLLOWERS NAME…");
    count = atol(words[5]);
    double rate = atof(words[6]);
    size = atol(words[7]);
    long followers_count = atol(words[8]), names_count = words_count - 9;
    if (count < 1 || rate <= 0 || size < 8 || followers_count < 1) fail("COUNT, RATE, SIZE and FOLLOWERS are numbers");
    if (followers_count > 36 * names_count) fail("too many followers for so many names");
    double *delays = calloc((size_t)(count * followers_count), sizeof *delays);
    struct follower *followers = calloc((size_t)followers_count, sizeof *followers);
    uint8_t *body = calloc((size_t)size, 1);
    if (delays == NULL || followers == NULL || body == NULL) fail("no memory");
    for (long number = 0; number < followers_count; number++) {
        followers[number].delays = delays + number * count;
        start(&followers[number], words, number, words + 9, names_count);
    }

    char key[64];
    snprintf(key, sizeof key, "%s.s.editor.e", words[3]);
    amqp_connection_state_t writer = log_in(words, words[3]);
    amqp_basic_properties_t properties;
    memset(&properties, 0, sizeof properties);
    properties._flags = AMQP_BASIC_USER_ID_FLAG;
    properties.user_id = amqp_cstring_bytes(words[3]);

    uint64_t began = nanoseconds();
    for (long sent = 0; sent < count; sent++) {
        uint64_t due = began + (uint64_t)((double)sent / rate * 1e9), now = nanoseconds();
        if (due > now) {
            struct timespec wait = {(time_t)((due - now) / 1000000000u), (long)((due - now) % 1000000000u)};
            nanosleep(&wait, NULL);
        }
        now = nanoseconds();
        memcpy(body, &now, sizeof now);
        amqp_bytes_t bytes = {(size_t)size, body};
        if (amqp_basic_publish(writer, channel, amqp_cstring_bytes("playhead.live"), amqp_cstring_bytes(key), 0, 0,
                               &properties, bytes) != AMQP_STATUS_OK)
            fail("cannot publish");
    }
    for (long number = 0; number < followers_count; number++) pthread_join(followers[number].thread, NULL);
    long all = count * followers_count;
    qsort(delays, (size_t)all, sizeof *delays, order);
    printf("{\"p50\": %.4f, \"p99\": %.4f}\n", delays[all / 2], delays[all * 99 / 100]);
    for (long number = 0; number < followers_count; number++)
        amqp_connection_close(followers[number].connection, AMQP_REPLY_SUCCESS);
    amqp_connection_close(writer, AMQP_REPLY_SUCCESS);
    return 0;
}
