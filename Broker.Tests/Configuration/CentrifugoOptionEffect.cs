using System.Text.Json.Nodes;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

/// <summary>What one option of a Centrifugo's file does here: found by reading a file with it, and one without it.</summary>
/// <param name="Settings">Ours that change with it; empty when it does not work here.</param>
/// <param name="Refusal">Why it stops the start; null when it does not.</param>
/// <param name="Keys">Its key, or those of its elements, in the form of <see cref="CentrifugoLeftover.Key"/>, as far as they were not translated.</param>
internal sealed record CentrifugoOptionEffect(IReadOnlyList<string> Settings, string? Refusal, IReadOnlyList<string> Keys)
{
    private const string Reason = "this broker does not read it, and ";

    public bool Works => Refusal is null && Settings.Count > 0 && Keys.Count == 0;

    public static CentrifugoOptionEffect Of(CentrifugoOption option)
    {
        var context = option.Context.ToList();
        var (before, after) = (Read(context), Read([.. context, (option.Name, option.Value)]));
        var changed = before.Settings.Keys.Union(after.Settings.Keys)
            .Where(key => before.Settings.GetValueOrDefault(key) != after.Settings.GetValueOrDefault(key)).Select(NameOf).Distinct().Order(StringComparer.Ordinal);
        var faults = new CentrifugoReview(after, new ConfigurationBuilder().Build()).Faults;
        var keys = after.Leftovers.Select(setting => setting.Key).Except(before.Leftovers.Select(setting => setting.Key));
        return new([.. changed], faults.Select(ReasonOf).FirstOrDefault(), [.. keys]);
    }

    private static CentrifugoConfiguration Read(IEnumerable<(string Path, JsonNode Value)> settings)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "config.json");
        var root = new JsonObject();
        foreach (var (path, value) in settings)
        {
            Set(root, path.Split('.'), value);
        }

        File.WriteAllText(file, root.ToJsonString());
        return CentrifugoConfiguration.Read(file, new Dictionary<string, string>(), new CentrifugoFlags([]));
    }

    private static void Set(JsonObject parent, ReadOnlySpan<string> path, JsonNode value)
    {
        if (path.Length == 1)
        {
            parent[path[0]] = value.DeepClone();
            return;
        }

        var name = path[0].Replace("[]", "", StringComparison.Ordinal);
        var child = parent[name];
        if (child is null)
        {
            parent[name] = child = path[0] == name ? new JsonObject() : new JsonArray(new JsonObject());
        }

        Set(path[0] == name ? child.AsObject() : child[0]!.AsObject(), path[1..], value);
    }

    // Without the names of back ends, queues and namespaces, which the file chooses.
    private static string NameOf(string key)
    {
        Assert.That(SettingCatalog.Find(key), Is.Not.Null, $"{key} is no setting");
        var parts = key.Split(':');
        return parts is ["Proxies" or "Consumers" or "Namespaces", _, .. var rest] ? $"{parts[0]}:…:{string.Join(':', rest)}" : key;
    }

    private static string ReasonOf(string fault)
    {
        var start = fault.IndexOf(Reason, StringComparison.Ordinal) + Reason.Length;
        return fault[start..fault.IndexOf(". Remove it", StringComparison.Ordinal)];
    }
}
