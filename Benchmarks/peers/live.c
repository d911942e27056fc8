/* live PORT VHOST LOGIN PASSWORD COUNT RATE SIZE: one publisher, one consumer, messages of SIZE bytes through
   playhead.live, without confirms, as librabbitmq does it alone. Prints milliseconds from the call of publish to the
   delivery. */
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
static double *delays;

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
    amqp_connection_state_t connection = context;
    for (long got = 0; got < count; got++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        if (amqp_consume_message(connection, &envelope, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL)
            fail("no delivery");
        uint64_t sent;
        memcpy(&sent, envelope.message.body.bytes, sizeof sent);
        delays[got] = (double)(nanoseconds() - sent) / 1e6;
        amqp_destroy_envelope(&envelope);
    }
    return NULL;
}

static int order(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

int main(int words_count, char **words) {
    if (words_count != 8) fail("PORT VHOST LOGIN PASSWORD COUNT RATE SIZE");
    count = atol(words[5]);
    double rate = atof(words[6]);
    size = atol(words[7]);
    if (count < 1 || rate <= 0 || size < 8) fail("COUNT, RATE and SIZE are numbers");
    delays = calloc((size_t)count, sizeof *delays);
    uint8_t *body = calloc((size_t)size, 1);
    if (delays == NULL || body == NULL) fail("no memory");

    char login[64], queue[64], key[64];
    snprintf(login, sizeof login, "f-%s", words[3]);
    snprintf(queue, sizeof queue, "f-%s.c", words[3]);
    snprintf(key, sizeof key, "%s.s.editor.e", words[3]);
    amqp_connection_state_t reader = log_in(words, login);
    amqp_queue_declare(reader, channel, amqp_cstring_bytes(queue), 0, 0, 1, 0, amqp_empty_table);
    answered(reader, "no queue");
    amqp_queue_bind(reader, channel, amqp_cstring_bytes(queue), amqp_cstring_bytes("playhead.live"),
                    amqp_cstring_bytes(key), amqp_empty_table);
    answered(reader, "not bound");
    amqp_basic_consume(reader, channel, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
    answered(reader, "cannot consume");
    amqp_connection_state_t writer = log_in(words, words[3]);
    amqp_basic_properties_t properties;
    memset(&properties, 0, sizeof properties);
    properties._flags = AMQP_BASIC_USER_ID_FLAG;
    properties.user_id = amqp_cstring_bytes(words[3]);

    pthread_t thread;
    if (pthread_create(&thread, NULL, consume, reader) != 0) fail("no thread");
    uint64_t start = nanoseconds();
    for (long sent = 0; sent < count; sent++) {
        uint64_t due = start + (uint64_t)((double)sent / rate * 1e9), now = nanoseconds();
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
    pthread_join(thread, NULL);
    qsort(delays, (size_t)count, sizeof *delays, order);
    printf("{\"p50\": %.4f, \"p99\": %.4f}\n", delays[count / 2], delays[count * 99 / 100]);
    amqp_connection_close(reader, AMQP_REPLY_SUCCESS);
    amqp_connection_close(writer, AMQP_REPLY_SUCCESS);
    return 0;
}
