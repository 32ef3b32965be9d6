#compdef tresor
# Completions of tresor for zsh, printed by 'tresor completions zsh'. tresor itself says what may follow: also
# names of secrets, while the vault opens without a question.

_tresor() {
    local line value
    local -a typed lines open_values open_shown values shown
    typed=("${(@Q)words[2,CURRENT-1]}")
    lines=("${(@f)$("${(Q)words[1]}" __complete "${typed[@]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
    case ${lines[1]} in
    :files) _files; return ;;
    :directories) _files -/; return ;;
    :program)
        words=("${(@)words[${words[(i)--]} + 1,-1]}")
        CURRENT=${#words}
        _normal
        return
        ;;
    esac
    for line in "${lines[@]}"; do
        value=${line%%$'\t'*}
        [[ -n $value ]] || continue
        line="$value -- ${line#*$'\t'}"
        # A scope, or NAME=, goes on.
        if [[ $value == *[/=] ]]; then
            open_values+=("$value") open_shown+=("${line% -- }")
        else
            values+=("$value") shown+=("${line% -- }")
        fi
    done
    (( $#values )) && compadd -l -d shown -a values
    (( $#open_values )) && compadd -S '' -l -d open_shown -a open_values
}

# As a file in $fpath it is called at once; from a startup file it is only made known.
if [[ $funcstack[1] == _tresor ]]; then
    _tresor "$@"
else
    compdef _tresor tresor
fi
