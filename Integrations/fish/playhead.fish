# Tells a recorder that listens to this terminal which commands run: marks in the output that it takes out again
# (ESC ] 633 ; NONCE ; KIND [; FIELD ...] BEL). Silent outside a recording. For fish 3; no fork.

if status is-interactive; and set -q PLAYHEAD_NONCE; and not set -q __playhead_mark
    set -g __playhead_mark \e']633;'$PLAYHEAD_NONCE';'
    set -g __playhead_shell $hostname:$fish_pid

    # Prints $argv in the form of a field.
    function __playhead_field
        string join \n -- $argv | string replace -a '\\' '\\x5c' | string replace -a ';' '\\x3b' |
            string replace -ar '[\x01-\x09\x0b-\x1f]' '?' | string join '\\x0a'
    end

    function __playhead_preexec --on-event fish_preexec
        # A line that begins with a space is private.
        if not string match -q ' *' -- $argv[1]
            printf '%sE;%s\a' $__playhead_mark (__playhead_field $argv[1])
        end
        printf '%sC;%s;fish;%s\a' $__playhead_mark $__playhead_shell $USER
    end

    function __playhead_postexec --on-event fish_postexec
        set -l codes $status $pipestatus
        printf '%sP;Cwd=%s\a%sD;%s;%s;%s\a' $__playhead_mark (__playhead_field $PWD) \
            $__playhead_mark $codes[1] "$codes[2..-1]" $__playhead_shell
    end

    # The user's own prompt, between marks; it comes first because of the status it may show.
    functions -q fish_prompt; and functions -c fish_prompt __playhead_user_prompt
    function fish_prompt
        set -l prompt (__playhead_user_prompt)
        set prompt (string join \n -- $prompt | string collect)
        set -q PLAYHEAD_MARK; and set -l word $PLAYHEAD_MARK; or set -l word rec
        printf '%sP;Cwd=%s\a%sA\a[%s] %s%sB\a' $__playhead_mark (__playhead_field $PWD) \
            $__playhead_mark $word "$prompt" $__playhead_mark
    end
end
