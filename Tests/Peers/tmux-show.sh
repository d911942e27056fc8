#!/bin/sh
# Shows what tmux makes of terminal bytes.
#
# tmux-show.sh COLUMNS ROWS PARTS FOLDER
#
# FOLDER holds part-0, part-1 …, each ending with a title of that name. A pane of that size prints one after the other;
# behind each, text-N gets the visible rows and cursor-N "row,column".
set -eu
columns=$1 rows=$2 parts=$3
cd "$4"

# In the foreground: a daemon would outlive a failed run and keep its descriptors.
tmux -D -u -S ./socket -f /dev/null >/dev/null 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server || true' EXIT

ask() { tmux -N -u -S ./socket "$@"; }

tries=0
until ask set-option -g status off 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 2000 ]
    sleep 0.01
done
# shellcheck disable=SC2016
ask new-session -d -x "$columns" -y "$rows" 'stty raw -echo
    n=0; while :; do
        until [ -e go-$n ]; do sleep 0.01; done
        cat part-$n; n=$((n + 1))
    done'
ask resize-window -x "$columns" -y "$rows"

part=0
while [ $part -lt "$parts" ]; do
    : >go-$part
    tries=0
    until [ "$(ask display-message -p '#{pane_title}')" = part-$part ]; do
        tries=$((tries + 1))
        [ $tries -lt 2000 ]
        sleep 0.01
    done
    ask capture-pane -p >text-$part
    ask display-message -p '#{cursor_y},#{cursor_x}' >cursor-$part
    part=$((part + 1))
done
