# Completions of tresor for PowerShell, printed by 'tresor completions powershell'. tresor itself says what may
# follow: also names of secrets, while the vault opens without a question.

Register-ArgumentCompleter -Native -CommandName tresor -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @()
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $words += if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
            $element.Value
        } else {
            $element.Extent.Text
        }
    }
    $quote = ''
    $current = $wordToComplete
    if ($current -match '^[''"]') {
        $quote = $current.Substring(0, 1)
        $current = $current.Trim($quote)
    }
    # An empty word is lost on the way to a program; two quotation marks are not.
    $words += if ($current) { $current } else { '""' }

    $program = $commandAst.CommandElements[0].Extent.Text
    $lines = @(& $program __complete @words 2>$null)
    # Without a result PowerShell completes files by itself.
    if ($lines.Count -eq 0 -or $lines[0].StartsWith(':')) { return }
    foreach ($line in $lines) {
        $value, $what = $line -split "`t", 2
        if (-not $what) { $what = $value }
        $written = $value
        if ($quote -or $value -match '[^\w./:=@%+,-]') {
            $written = "'" + ($value -replace "(['\u2018\u2019\u201a\u201b])", '$1$1') + "'"
        }
        [System.Management.Automation.CompletionResult]::new($written, $value, 'ParameterValue', $what)
    }
}
