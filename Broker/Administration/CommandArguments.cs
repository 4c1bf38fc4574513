using System.Diagnostics.CodeAnalysis;

namespace ClawEvents.Broker.Administration;

/// <summary>An option of a command.</summary>
/// <param name="Name">Its name after two dashes.</param>
/// <param name="Letter">Its name after one dash.</param>
/// <param name="IsFlag">Whether it has no value.</param>
internal sealed record CommandOption(string Name, char Letter, bool IsFlag = false)
{
    /// <summary>Stands for arguments that are not options.</summary>
    public static CommandOption Rest { get; } = new("", ' ');
}

/// <summary>The parsed arguments of a command: <c>-u 42</c>, <c>--user 42</c>, <c>--user=42</c>, <c>-q</c>.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<CommandOption, string> _values = [];

    /// <summary>Arguments that are not options.</summary>
    public List<string> Rest { get; } = [];

    /// <param name="arguments">The arguments after the command's name.</param>
    /// <param name="fault">The fault, if the result is null.</param>
    public static CommandArguments? Parse(ReadOnlySpan<string> arguments, IReadOnlyList<CommandOption> options, out string fault)
    {
        fault = "";
        var parsed = new CommandArguments();
        while (fault.Length == 0 && !arguments.IsEmpty)
        {
            fault = parsed.ReadNext(ref arguments, options);
        }

        return fault.Length == 0 ? parsed : null;
    }

    public bool Has(string name) => _values.Keys.Any(option => option.Name == name);

    /// <returns>Null if it was not given.</returns>
    public string? Value(string name) => _values.FirstOrDefault(option => option.Key.Name == name).Value;

    // Returns the fault, or an empty text.
    private string ReadNext(ref ReadOnlySpan<string> arguments, IReadOnlyList<CommandOption> options)
    {
        var argument = arguments[0];
        arguments = arguments[1..];
        if (!TryFind(argument, options, out var option, out var value))
        {
            Rest.Add(argument);
            return options.Contains(CommandOption.Rest) ? "" : $"unexpected argument '{argument}'";
        }

        if (value is null && !option.IsFlag && !arguments.IsEmpty)
        {
            value = arguments[0];
            arguments = arguments[1..];
        }

        _values[option] = value ?? "";
        return (value is null) == option.IsFlag ? "" : option.IsFlag ? $"{argument} takes no value" : $"{argument} needs a value";
    }

    private static bool TryFind(string argument, IReadOnlyList<CommandOption> options, [NotNullWhen(true)] out CommandOption? option, out string? value)
    {
        var equals = argument.IndexOf('=');
        var name = equals < 0 ? argument : argument[..equals];
        value = equals < 0 ? null : argument[(equals + 1)..];
        option = options.FirstOrDefault(option => option != CommandOption.Rest && (name == $"--{option.Name}" || name == $"-{option.Letter}"));
        return option is not null;
    }
}
