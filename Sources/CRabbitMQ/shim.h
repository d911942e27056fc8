#ifndef PLAYHEAD_CRABBITMQ_SHIM_H
#define PLAYHEAD_CRABBITMQ_SHIM_H
/* What Swift cannot import of librabbitmq: variadic functions, unions behind void pointers, macros of object type. */

/* librabbitmq moved its headers into a folder with 0.12. */
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Not in Swift's Glibc module. */
static inline int rmq_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

/* The calling thread's, as `top -H` shows it. */
static inline void rmq_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

static inline int rmq_set_user_timeout(int fd, unsigned milliseconds) {
    return setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

/* ---- Opening ---- */

static inline struct timeval rmq_time(long milliseconds) {
    struct timeval time = {milliseconds / 1000, (milliseconds % 1000) * 1000};
    return time;
}

static inline int rmq_open(amqp_socket_t *socket, const char *host, int port, long milliseconds) {
    struct timeval time = rmq_time(milliseconds);
    return amqp_socket_open_noblock(socket, host, port, &time);
}

static inline amqp_rpc_reply_t rmq_login(amqp_connection_state_t state, const char *vhost, int frame_max, int heartbeat,
                                         long milliseconds, const amqp_table_t *properties, const char *user,
                                         const char *password) {
    struct timeval time = rmq_time(milliseconds);
    amqp_set_handshake_timeout(state, &time);
    if (password == NULL)
        return amqp_login_with_properties(state, vhost, 0, frame_max, heartbeat, properties, AMQP_SASL_METHOD_EXTERNAL,
                                          user);
    return amqp_login_with_properties(state, vhost, 0, frame_max, heartbeat, properties, AMQP_SASL_METHOD_PLAIN, user,
                                      password);
}

/* Code and text of the connection.close that a login was answered with; 0 if it was something else. */
static inline int rmq_close_reply(const amqp_rpc_reply_t *reply, amqp_bytes_t *text) {
    if (reply->reply_type != AMQP_RESPONSE_SERVER_EXCEPTION || reply->reply.id != AMQP_CONNECTION_CLOSE_METHOD ||
        reply->reply.decoded == NULL)
        return 0;
    amqp_connection_close_t *close = (amqp_connection_close_t *)reply->reply.decoded;
    *text = close->reply_text;
    return close->reply_code;
}

/* ---- TLS ---- */

/* OpenSSL would clear everything away when the program ends, under threads that still use it. */
static inline amqp_socket_t *rmq_tls_socket(amqp_connection_state_t state) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    return amqp_ssl_socket_new(state);
}

/* Leaves the reason for a refused certificate where rmq_tls_prepare was told to: the library forgets it. */
static int rmq_tls_verified(int ok, X509_STORE_CTX *store) {
    SSL *ssl = (SSL *)X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    int *reason = ssl ? (int *)SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)) : NULL;
    if (!ok && reason) *reason = X509_STORE_CTX_get_error(store);
    return ok;
}

/* TLS 1.2 or later; with a name or address to verify the handshake itself fails unless the certificate is for it.
   `authority` NULL: the system's authorities. `*reason` must outlive the connection. */
static inline int rmq_tls_prepare(amqp_socket_t *socket, const char *authority, const char *name, int is_address,
                                  int *reason) {
    SSL_CTX *context = (SSL_CTX *)amqp_ssl_socket_get_context(socket);
    *reason = 0;
    /* The library's own check comes after the handshake and knows no addresses. */
    amqp_ssl_socket_set_verify_peer(socket, name != NULL);
    amqp_ssl_socket_set_verify_hostname(socket, 0);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) return AMQP_STATUS_SSL_ERROR;
    if (name == NULL) return AMQP_STATUS_OK;
    if (authority == NULL) {
        if (SSL_CTX_set_default_verify_paths(context) != 1) return AMQP_STATUS_SSL_ERROR;
    } else if (SSL_CTX_load_verify_locations(context, authority, NULL) != 1) {
        return AMQP_STATUS_SSL_ERROR;
    }
    X509_VERIFY_PARAM *parameters = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if ((is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name)
                    : X509_VERIFY_PARAM_set1_host(parameters, name, 0)) != 1)
        return AMQP_STATUS_SSL_ERROR;
    SSL_CTX_set_app_data(context, reason);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, rmq_tls_verified);
    return AMQP_STATUS_OK;
}

/* Why TLS itself failed on this thread just now, an alert of the peer's among others; NULL if the line only broke. */
static inline const char *rmq_tls_failure(void) {
    unsigned long error = ERR_peek_last_error();
    if (error == 0 || ERR_SYSTEM_ERROR(error) || ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return NULL;
    return ERR_reason_error_string(error);
}

static inline const char *rmq_tls_reason(int reason) { return X509_verify_cert_error_string(reason); }

/* ---- Receiving ---- */

/* One frame, flat. The pointers are good until the library's buffers are released. */
typedef struct {
    int status; /* AMQP_STATUS_TIMEOUT: nothing there */
    int type;   /* AMQP_FRAME_… */
    uint16_t channel;
    uint32_t method;
    uint64_t number;    /* delivery tag, body size or message count */
    uint32_t consumers; /* consumer count */
    uint16_t code;      /* reply code */
    uint32_t cause;     /* the method that a close is for */
    int flag;           /* redelivered, multiple, active */
    amqp_bytes_t tag;   /* consumer tag; queue name */
    amqp_bytes_t exchange;
    amqp_bytes_t key;
    amqp_bytes_t text; /* reply text; reason */
    const amqp_basic_properties_t *properties;
    amqp_bytes_t body;
} rmq_frame;

static inline void rmq_flatten(rmq_frame *flat, void *decoded) {
#define RMQ_CASE(ID, TYPE, ...)            \
    case ID: {                             \
        TYPE *m = (TYPE *)decoded;         \
        __VA_ARGS__;                       \
        break;                             \
    }
    switch (flat->method) {
        RMQ_CASE(AMQP_BASIC_DELIVER_METHOD, amqp_basic_deliver_t, flat->tag = m->consumer_tag,
                 flat->number = m->delivery_tag, flat->flag = m->redelivered, flat->exchange = m->exchange,
                 flat->key = m->routing_key)
        RMQ_CASE(AMQP_BASIC_RETURN_METHOD, amqp_basic_return_t, flat->code = m->reply_code, flat->text = m->reply_text,
                 flat->exchange = m->exchange, flat->key = m->routing_key)
        RMQ_CASE(AMQP_BASIC_ACK_METHOD, amqp_basic_ack_t, flat->number = m->delivery_tag, flat->flag = m->multiple)
        RMQ_CASE(AMQP_BASIC_NACK_METHOD, amqp_basic_nack_t, flat->number = m->delivery_tag, flat->flag = m->multiple)
        RMQ_CASE(AMQP_BASIC_CANCEL_METHOD, amqp_basic_cancel_t, flat->tag = m->consumer_tag)
        RMQ_CASE(AMQP_BASIC_CANCEL_OK_METHOD, amqp_basic_cancel_ok_t, flat->tag = m->consumer_tag)
        RMQ_CASE(AMQP_BASIC_CONSUME_OK_METHOD, amqp_basic_consume_ok_t, flat->tag = m->consumer_tag)
        RMQ_CASE(AMQP_QUEUE_DECLARE_OK_METHOD, amqp_queue_declare_ok_t, flat->tag = m->queue,
                 flat->number = m->message_count, flat->consumers = m->consumer_count)
        RMQ_CASE(AMQP_QUEUE_PURGE_OK_METHOD, amqp_queue_purge_ok_t, flat->number = m->message_count)
        RMQ_CASE(AMQP_QUEUE_DELETE_OK_METHOD, amqp_queue_delete_ok_t, flat->number = m->message_count)
        RMQ_CASE(AMQP_CHANNEL_FLOW_METHOD, amqp_channel_flow_t, flat->flag = m->active)
        RMQ_CASE(AMQP_CHANNEL_CLOSE_METHOD, amqp_channel_close_t, flat->code = m->reply_code, flat->text = m->reply_text,
                 flat->cause = (uint32_t)m->class_id << 16 | m->method_id)
        RMQ_CASE(AMQP_CONNECTION_CLOSE_METHOD, amqp_connection_close_t, flat->code = m->reply_code,
                 flat->text = m->reply_text, flat->cause = (uint32_t)m->class_id << 16 | m->method_id)
        RMQ_CASE(AMQP_CONNECTION_BLOCKED_METHOD, amqp_connection_blocked_t, flat->text = m->reason)
    default: break;
    }
#undef RMQ_CASE
}

/* The next frame that is there now; never waits. Also sends a heartbeat that is due and notices missing ones. */
static inline rmq_frame rmq_next(amqp_connection_state_t state) {
    rmq_frame flat;
    amqp_frame_t frame;
    struct timeval now = {0, 0};
    memset(&flat, 0, sizeof flat);
    flat.status = amqp_simple_wait_frame_noblock(state, &frame, &now);
    if (flat.status != AMQP_STATUS_OK) return flat;
    flat.type = frame.frame_type;
    flat.channel = frame.channel;
    switch (frame.frame_type) {
    case AMQP_FRAME_METHOD:
        flat.method = frame.payload.method.id;
        rmq_flatten(&flat, frame.payload.method.decoded);
        break;
    case AMQP_FRAME_HEADER:
        flat.number = frame.payload.properties.body_size;
        /* Another class has other properties behind the same pointer. */
        if (frame.payload.properties.class_id == AMQP_BASIC_CLASS)
            flat.properties = (const amqp_basic_properties_t *)frame.payload.properties.decoded;
        break;
    case AMQP_FRAME_BODY: flat.body = frame.payload.body_fragment; break;
    default: break;
    }
    return flat;
}

/* ---- Sending methods; the answers come as frames ---- */

#define RMQ_CHANNEL 1

static inline int rmq_send_channel_open(amqp_connection_state_t state) {
    amqp_channel_open_t m = {amqp_empty_bytes};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_CHANNEL_OPEN_METHOD, &m);
}
static inline int rmq_send_channel_close_ok(amqp_connection_state_t state) {
    amqp_channel_close_ok_t m;
    memset(&m, 0, sizeof m);
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_CHANNEL_CLOSE_OK_METHOD, &m);
}
static inline int rmq_send_flow_ok(amqp_connection_state_t state, int active) {
    amqp_channel_flow_ok_t m = {active};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_CHANNEL_FLOW_OK_METHOD, &m);
}
static inline int rmq_send_connection_close(amqp_connection_state_t state) {
    amqp_connection_close_t m = {AMQP_REPLY_SUCCESS, amqp_empty_bytes, 0, 0};
    return amqp_send_method(state, 0, AMQP_CONNECTION_CLOSE_METHOD, &m);
}
static inline int rmq_send_connection_close_ok(amqp_connection_state_t state) {
    amqp_connection_close_ok_t m;
    memset(&m, 0, sizeof m);
    return amqp_send_method(state, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &m);
}
static inline int rmq_send_confirm_select(amqp_connection_state_t state) {
    amqp_confirm_select_t m = {0};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_CONFIRM_SELECT_METHOD, &m);
}
static inline int rmq_send_exchange_declare(amqp_connection_state_t state, amqp_bytes_t name, amqp_bytes_t kind,
                                            int passive, int durable, int auto_delete, int internal,
                                            amqp_table_t arguments) {
    amqp_exchange_declare_t m = {0, name, kind, passive, durable, auto_delete, internal, 0, arguments};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_EXCHANGE_DECLARE_METHOD, &m);
}
static inline int rmq_send_exchange_delete(amqp_connection_state_t state, amqp_bytes_t name, int if_unused) {
    amqp_exchange_delete_t m = {0, name, if_unused, 0};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_EXCHANGE_DELETE_METHOD, &m);
}
static inline int rmq_send_exchange_bind(amqp_connection_state_t state, int unbind, amqp_bytes_t target,
                                         amqp_bytes_t source, amqp_bytes_t key, amqp_table_t arguments) {
    amqp_exchange_bind_t bind = {0, target, source, key, 0, arguments};
    amqp_exchange_unbind_t undo = {0, target, source, key, 0, arguments};
    return unbind ? amqp_send_method(state, RMQ_CHANNEL, AMQP_EXCHANGE_UNBIND_METHOD, &undo)
                  : amqp_send_method(state, RMQ_CHANNEL, AMQP_EXCHANGE_BIND_METHOD, &bind);
}
static inline int rmq_send_queue_declare(amqp_connection_state_t state, amqp_bytes_t name, int passive, int durable,
                                         int exclusive, int auto_delete, amqp_table_t arguments) {
    amqp_queue_declare_t m = {0, name, passive, durable, exclusive, auto_delete, 0, arguments};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_QUEUE_DECLARE_METHOD, &m);
}
static inline int rmq_send_queue_bind(amqp_connection_state_t state, int unbind, amqp_bytes_t queue,
                                      amqp_bytes_t exchange, amqp_bytes_t key, amqp_table_t arguments) {
    amqp_queue_bind_t bind = {0, queue, exchange, key, 0, arguments};
    amqp_queue_unbind_t undo = {0, queue, exchange, key, arguments};
    return unbind ? amqp_send_method(state, RMQ_CHANNEL, AMQP_QUEUE_UNBIND_METHOD, &undo)
                  : amqp_send_method(state, RMQ_CHANNEL, AMQP_QUEUE_BIND_METHOD, &bind);
}
static inline int rmq_send_queue_delete(amqp_connection_state_t state, amqp_bytes_t name, int if_unused, int if_empty) {
    amqp_queue_delete_t m = {0, name, if_unused, if_empty, 0};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_QUEUE_DELETE_METHOD, &m);
}
static inline int rmq_send_queue_purge(amqp_connection_state_t state, amqp_bytes_t name) {
    amqp_queue_purge_t m = {0, name, 0};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_QUEUE_PURGE_METHOD, &m);
}
static inline int rmq_send_qos(amqp_connection_state_t state, uint16_t prefetch) {
    amqp_basic_qos_t m = {0, prefetch, 0};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_BASIC_QOS_METHOD, &m);
}
static inline int rmq_send_consume(amqp_connection_state_t state, amqp_bytes_t queue, amqp_bytes_t tag, int no_ack,
                                   int exclusive, amqp_table_t arguments) {
    amqp_basic_consume_t m = {0, queue, tag, 0, no_ack, exclusive, 0, arguments};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_BASIC_CONSUME_METHOD, &m);
}
static inline int rmq_send_cancel(amqp_connection_state_t state, amqp_bytes_t tag) {
    amqp_basic_cancel_t m = {tag, 0};
    return amqp_send_method(state, RMQ_CHANNEL, AMQP_BASIC_CANCEL_METHOD, &m);
}

/* A frame without MSG_MORE: pushes out what an earlier one left corked in the kernel. */
static inline int rmq_send_heartbeat(amqp_connection_state_t state) {
    amqp_frame_t frame;
    memset(&frame, 0, sizeof frame);
    frame.frame_type = AMQP_FRAME_HEARTBEAT;
    return amqp_send_frame(state, &frame);
}
#endif
