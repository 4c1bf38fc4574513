using System.Globalization;
using ClawEvents.Broker.Files;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Configuration;

/// <summary>The options of one consumer. It remembers which ones were asked for, and so knows those that its type does not have.</summary>
/// <inheritdoc cref="SettingValues"/>
internal sealed class ConsumerSection(IConfigurationSection section, Action<string, string, string> fault)
{
    private const string FileSuffix = "_file";

    private readonly SettingValues _values = new(fault);
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    public string Name => section.Key;

    /// <summary>Null when it is absent or empty.</summary>
    public string? Text(string option) => Ask(option).Value is { Length: > 0 } text ? text : null;

    /// <summary>A fault when it is absent.</summary>
    public string Required(string option, string example)
    {
        if (Text(option) is { } text)
        {
            return text;
        }

        Fault(option, "it is needed", example);
        return "";
    }

    /// <summary>From the option itself, or from the first line of the file that <c>OPTION_file</c> names.</summary>
    public string? Secret(string option)
    {
        var (text, file) = (Text(option), Text(option + FileSuffix));
        return text ?? (file is null ? null : ReadSecret(option + FileSuffix, file));
    }

    public string TextOr(string option, string fallback) => Ask(option).Value ?? fallback;

    public bool Flag(string option) => Ask(option) is { Value.Length: > 0 } value && _values.Flag(value);

    public int Number(string option, int fallback, int most)
    {
        if (Ask(option) is not { Value: { Length: > 0 } text })
        {
            return fallback;
        }

        // As for a Centrifugo, 0 is the default.
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
        {
            return number == 0 ? fallback : number;
        }

        Fault(option, $"'{text}' is not a whole number from 1 to {most}", $"{fallback}");
        return fallback;
    }

    /// <summary>0 counts as absent.</summary>
    public TimeSpan Duration(string option, TimeSpan fallback, TimeSpan least, TimeSpan most)
    {
        if (Ask(option) is not { Value: { Length: > 0 } text })
        {
            return fallback;
        }

        var isDuration = DurationText.TryParse(text, out var duration);
        if (isDuration && ((duration >= least && duration <= most) || duration == TimeSpan.Zero))
        {
            return duration == TimeSpan.Zero ? fallback : duration;
        }

        Fault(option, string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a duration from {least.TotalSeconds} s to {most.TotalSeconds} s"), $"{fallback.TotalMilliseconds}ms");
        return fallback;
    }

    public IReadOnlyList<string> List(string option) => SettingValues.List(Ask(option));

    /// <summary>A fault when it is empty.</summary>
    public IReadOnlyList<string> Needed(string option, string example)
    {
        var list = List(option);
        if (list.Count == 0)
        {
            Fault(option, "it is needed", example);
        }

        return list;
    }

    /// <summary>The section <c>tls</c>; null when it is not enabled.</summary>
    public ClientTls? Tls()
    {
        var tls = new ClientTls(Text("tls:server_ca_pem"), Text("tls:cert_pem"), Text("tls:key_pem"), Text("tls:server_name"), Flag("tls:insecure_skip_verify"));
        if (tls.Certificate is null != tls.Key is null)
        {
            Fault("tls:cert_pem", "it and tls:key_pem are needed together", "/etc/clawevents/client.pem");
        }

        return Flag("tls:enabled") ? tls : null;
    }

    public void Fault(string option, string problem, string example) => fault($"{section.Path}:{option}", problem, example);

    /// <summary>A fault for each option that nobody has asked for.</summary>
    public void RefuseUnknown()
    {
        foreach (var (path, _) in section.AsEnumerable(makePathsRelative: true).Where(pair => pair.Value is not null && pair.Key.Length > 0 && !IsAsked(pair.Key)))
        {
            Fault(path, NearestName.Find(path, _asked) is { } near ? $"unknown option; did you mean {near}?" : "unknown option of this type", "remove it");
        }
    }

    // A list has a key for each element.
    private bool IsAsked(string path) =>
        _asked.Contains(path) || (path.LastIndexOf(':') is > 0 and var colon && path.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9') is false && _asked.Contains(path[..colon]));

    private IConfigurationSection Ask(string option)
    {
        _asked.Add(option);
        return section.GetSection(option);
    }

    private string? ReadSecret(string option, string file)
    {
        try
        {
            if (SecretFile.IsOpenToOthers(file))
            {
                Fault(option, $"other users may read {file}", $"chmod 0600 {file}");
            }

            return File.ReadLines(file).FirstOrDefault()?.Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fault(option, $"it cannot be read: {exception.Message.TrimEnd('.')}", "/etc/clawevents/secret");
            return null;
        }
    }
}
