#ifndef PLAYHEAD_CRABBITMQ_SHIM_H
#define PLAYHEAD_CRABBITMQ_SHIM_H
/* librabbitmq moved its headers into a folder with 0.12. */
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#endif
#endif
