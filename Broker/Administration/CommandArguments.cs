using System.Diagnostics.CodeAnalysis;

namespace ClawEvents.Broker.Administration;

/// <summary>An option of a command.</summary>
/// <param name="Name">After two dashes.</param>
/// <param name="Letter">After one.</param>
/// <param name="IsFlag">It has no value.</param>
internal sealed record CommandOption(string Name, char Letter, bool IsFlag = false)
{
    /// <summary>Stands for whatever is no option.</summary>
    public static CommandOption Rest { get; } = new("", ' ');
}

/// <summary>A command's arguments, taken apart: <c>-u 42</c>, <c>--user 42</c>, <c>--user=42</c>, <c>-q</c>.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<CommandOption, string> _values = [];

    /// <summary>What is no option.</summary>
    public List<string> Rest { get; } = [];

    /// <param name="arguments">Behind the command's name.</param>
    /// <param name="options">Those it has.</param>
    /// <param name="fault">What is wrong, when the result is null.</param>
    public static CommandArguments? Parse(ReadOnlySpan<string> arguments, IReadOnlyList<CommandOption> options, out string fault)
    {
        fault = "";
        var parsed = new CommandArguments();
        while (fault.Length == 0 && !arguments.IsEmpty)
        {
            fault = parsed.TakeOne(ref arguments, options);
        }

        return fault.Length == 0 ? parsed : null;
    }

    public bool Has(string name) => _values.Keys.Any(option => option.Name == name);

    /// <returns>Null when it is not there.</returns>
    public string? Value(string name) => _values.FirstOrDefault(option => option.Key.Name == name).Value;

    // The answer is what is wrong; empty: nothing.
    private string TakeOne(ref ReadOnlySpan<string> arguments, IReadOnlyList<CommandOption> options)
    {
        var argument = arguments[0];
        arguments = arguments[1..];
        if (!TryFind(argument, options, out var option, out var value))
        {
            Rest.Add(argument);
            return options.Contains(CommandOption.Rest) ? "" : $"'{argument}' is not an option here";
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
