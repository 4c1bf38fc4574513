namespace ClawEvents.Broker.Configuration;

/// <summary>Sorts the settings of a Centrifugo that were not translated: some stop the start, some are ignored, some are unknown.</summary>
internal sealed class CentrifugoReview
{
    /// <summary>Our setting with the names that may be ignored although they are dangerous.</summary>
    public const string AcceptName = "IgnoredCentrifugoSettings";

    private readonly IReadOnlyDictionary<string, string> _all;
    private readonly bool _hasRedis;
    private readonly string[] _accepted;

    /// <param name="centrifugo">The translation.</param>
    /// <param name="configuration">Our settings, with those that were translated.</param>
    public CentrifugoReview(CentrifugoConfiguration centrifugo, IConfiguration configuration)
    {
        _all = centrifugo.All;
        _hasRedis = configuration["REDIS_URL"] is { Length: > 0 };
        _accepted = (configuration[AcceptName] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        centrifugo.Leftovers.ForEach(Sort);
    }

    /// <summary>One line per setting without which the broker would be more open, split or deaf than the file means.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Names of a Centrifugo's settings that have no effect here.</summary>
    public List<string> Ignored { get; } = [];

    /// <summary>One line per name that neither this broker nor a Centrifugo has.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>A line that names an unknown setting and the one that was probably meant.</summary>
    public static string Describe(string name, string? nearest) => nearest is null ? $"{name}: unknown setting" : $"{name}: unknown setting; did you mean {nearest}?";

    private void Sort(CentrifugoLeftover setting)
    {
        var danger = CentrifugoDanger.All.FirstOrDefault(danger => danger.Matches(setting, _all));
        if (danger is not null && !(danger.IsSolvedByRedis && _hasRedis) && !_accepted.Contains(setting.Name, StringComparer.OrdinalIgnoreCase))
        {
            var example = danger.IsSolvedByRedis ? "REDIS_URL=redis://localhost:6379, or " : "";
            Faults.Add($"{setting.Name}: this broker does not read it, and {danger.Reason}. Remove it, or name it in {AcceptName} to start anyway. Example: {example}{AcceptName}={setting.Name}");
        }
        else if (danger is not null || CentrifugoNames.IsKnown(setting.Key))
        {
            Ignored.Add(setting.Name);
        }
        else if (WithoutIndex(setting.Name) is var name && Describe(name, CentrifugoNames.Nearest(name)) is var line && !Unknown.Contains(line))
        {
            Unknown.Add(line);
        }
    }

    // A list is one setting.
    private static string WithoutIndex(string name) => name.TrimEnd("0123456789".ToCharArray()) is var start && start.EndsWith('.') ? start[..^1] : name;
}
