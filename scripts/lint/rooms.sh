#!/usr/bin/env bash
# Does each room import only rooms above it, and none that it must not know?
set -euo pipefail
git grep -nP '^(@testable |@_exported |public |package |internal |private |fileprivate )*import ' -- 'Sources/*.swift' ':!:*.pb.swift' |
    awk -F '[/:]' '
        BEGIN {
            rooms = "CCrypto EventSchema CRabbitMQ CZstd CZlib AMQPBridge Model Integrations Capture Archive Replay Delivery Agent Viewer Commands"
            n = split(rooms, list, " ")
            for (i = 1; i <= n; i++) place[list[i]] = i
            programs = "publisher archiver subscriber playhead"
            n = split(programs, list, " ")
            for (i = 1; i <= n; i++) place[list[i]] = 100

            never["AMQPBridge"] = "EventSchema"
            never["Model"] = "CCrypto GRDB AMQPBridge CZstd CZlib CRabbitMQ Glibc Dispatch SystemPackage"
            never["Capture"] = "AMQPBridge Archive CRabbitMQ GRDB"
            never["Archive"] = "AMQPBridge CRabbitMQ Capture"
            never["Replay"] = "GRDB CZstd CZlib AMQPBridge CRabbitMQ Capture Archive"
            never["Viewer"] = "AMQPBridge CRabbitMQ"
        }
        {
            room = $2
            statement = $NF
            sub(/.*import +((struct|class|enum|protocol|func|typealias|var|let|actor) +)?/, "", statement)
            sub(/[ .\/].*/, "", statement)
            if (!(room in place)) { print room ": a room that scripts/lint/rooms.sh does not know"; bad = 1; next }
            if (statement in place && place[statement] >= place[room]) {
                print $0 ": " room " stands above " statement; bad = 1
            }
            if (index(" " never[room] " ", " " statement " ")) { print $0 ": " room " must not know " statement; bad = 1 }
        }
        END { exit bad }
    '
