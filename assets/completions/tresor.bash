# Completions of tresor for bash, printed by 'tresor completions bash'. tresor itself says what may follow:
# also names of secrets, while the vault opens without a question.

_tresor() {
    local rest=${COMP_LINE:0:COMP_POINT} words=() word start i
    # bash takes ':' and '=' for ends of words, which names are full of: put the words together again.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        start=${rest%%[![:space:]]*}
        rest=${rest#"$start"}
        word=${COMP_WORDS[i]}
        # The word goes on behind the cursor.
        [[ $rest == "$word"* ]] || word=$rest
        rest=${rest#"$word"}
        if [[ -n $start || $i -eq 0 ]]; then
            words+=("$word")
        else
            words[${#words[@]} - 1]+=$word
        fi
    done
    local current=${words[${#words[@]} - 1]} quote=''
    case $current in
    \"* | \'*)
        quote=${current:0:1}
        current=${current:1}
        ;;
    *) current=${current//\\/} ;;
    esac
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        word=${word//\\/}
        case $word in
        \"*\" | \'*\') word=${word:1:${#word}-2} ;;
        esac
        words[i]=$word
    done
    words[${#words[@]} - 1]=$current

    local lines=() line
    while IFS= read -r line; do
        lines+=("${line%%$'\t'*}")
    done < <("$1" __complete "${words[@]:1}" 2>/dev/null </dev/null)

    COMPREPLY=()
    case ${lines[0]-} in
    :program)
        if [[ ${words[${#words[@]} - 2]} == -- ]]; then
            mapfile -t COMPREPLY < <(compgen -c -- "$current")
        else
            compopt -o default 2>/dev/null
        fi
        return
        ;;
    :files)
        compopt -o default 2>/dev/null
        return
        ;;
    :directories)
        compopt -o dirnames 2>/dev/null
        return
        ;;
    esac
    # What stands before the last end of a word is there already.
    local done='' breaks=${COMP_WORDBREAKS//[^:=]/}
    if [[ -z $quote && -n $breaks && $current == *[$breaks]* ]]; then
        done=${current%"${current##*[$breaks]}"}
    fi
    for line in "${lines[@]}"; do
        line=${line#"$done"}
        # Within quotation marks nothing can be quoted once more: what a shell would obey there is left out.
        [[ -z $quote || $line != *[!A-Za-z0-9_./:=@%+,\ -]* ]] || continue
        [[ -n $quote || $line != *[!A-Za-z0-9_./:=@%+,-]* ]] || printf -v line %q "$line"
        COMPREPLY+=("$line")
    done
    # A scope, or NAME=, goes on.
    if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -F _tresor tresor
