# Tells a recorder that listens to this terminal which commands run: marks in the output that it takes out again
# (ESC ] 633 ; NONCE ; KIND [; FIELD ...] BEL). Silent outside a recording. For bash 4.4 and newer; one fork a command.

if [[ $- == *i* && -n ${PLAYHEAD_NONCE-} && -z ${__playhead_mark-} ]] &&
  (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 )); then

  __playhead_mark=$'\e]633;'$PLAYHEAD_NONCE';'
  __playhead_shell="$HOSTNAME:$$"
  __playhead_ran=
  declare -A __playhead_none=()
  __playhead_special=('\\' ';' $'\n' $'\t' $'\e' $'\a' $'\r' $'\b')
  __playhead_escaped=('\x5c' '\x3b' '\x0a' '\x09' '\x1b' '\x07' '\x0d' '\x08')

  # Sets REPLY to $1 in the form of a field.
  __playhead_field() {
    REPLY=$1
    [[ $REPLY == *[\\\;[:cntrl:]]* ]] || return 0
    local i
    for i in "${!__playhead_special[@]}"; do
      REPLY=${REPLY//${__playhead_special[i]}/${__playhead_escaped[i]}}
    done
    REPLY=${REPLY//[[:cntrl:]]/?}
  }

  # First of all prompt commands, so that it sees the status; hands the status on to them.
  __playhead_prompt() {
    local status=$? pipe="${PIPESTATUS[*]}" REPLY
    __playhead_field "$PWD"
    if [[ -n $__playhead_ran ]]; then
      printf '%sP;Cwd=%s\a%sD;%s;%s;%s\a' "$__playhead_mark" "$REPLY" \
        "$__playhead_mark" "$status" "$pipe" "$__playhead_shell"
    else
      printf '%sP;Cwd=%s\a' "$__playhead_mark" "$REPLY"
    fi
    __playhead_ran=
    # The number of the newest line in the history, to tell later whether the next one got there.
    [[ -n ${__playhead_last+set} ]] || __playhead_text[0]=$(HISTTIMEFORMAT= builtin history 1)
    if [[ -n ${__playhead_text[0]+set} ]]; then
      __playhead_last=${__playhead_text[0]#"${__playhead_text[0]%%[0-9]*}"}
      __playhead_last=${__playhead_last%%[!0-9]*}
    fi
    __playhead_text=() __playhead_history=repeat
    # Where a line may be kept out of the history by a pattern, or by there being no history, the last one says nothing.
    [[ -n ${HISTIGNORE-} || :$SHELLOPTS: != *:history:* ]] && __playhead_history=none
    # A PS1 that was set anew has lost its marks.
    [[ $PS1 == *"$__playhead_mark"* ]] ||
      PS1='\['"${__playhead_mark}"$'A\a\]['"${PLAYHEAD_MARK:-rec}] $PS1"'\['"${__playhead_mark}"$'B\a\]'
    return "$status"
  }

  # PS0 is expanded by the shell itself once a line is about to run. Array look-ups that find nothing hold the
  # assignments: the line from the history (the one fork), then one special character after the other escaped.
  __playhead_preexec() {
    local i last=0 chain
    chain='${__playhead_none[x${__playhead_text[0]:=$(HISTTIMEFORMAT= builtin history 1)}]-}'
    for i in "${!__playhead_special[@]}"; do
      chain+='${__playhead_none[x${__playhead_text['$((i + 1))']:=${__playhead_text['$i']'
      chain+='//${__playhead_special['$i']}/${__playhead_escaped['$i']}}}]-}'
      last=$((i + 1))
    done
    chain+='${__playhead_none[x${__playhead_ran:=1}]-}'
    chain+='${__playhead_mark}H;${__playhead_text['$last']};$__playhead_last;$__playhead_history'$'\a'
    chain+='${__playhead_mark}C;$__playhead_shell;bash;$USER'$'\a'
    PS0=$chain${PS0-}
  }

  __playhead_preexec
  unset -f __playhead_preexec
  PROMPT_COMMAND=(__playhead_prompt "${PROMPT_COMMAND[@]}")
fi
