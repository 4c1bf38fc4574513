using System.Text.Json.Nodes;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>The files that operators take as they are: docs/how-to/deploy.md. Scalars of YAML are text.</summary>
internal static class DeploymentFiles
{
    public static string Read(string path) => File.ReadAllText(PathOf(path));

    /// <param name="path">Below the solution's folder.</param>
    public static string PathOf(string path) => Path.Combine(RunningProcess.SolutionFolder, path);

    /// <summary>The documents of one file of YAML, without those that have only comments.</summary>
    public static IReadOnlyList<JsonObject> ReadYaml(string path) =>
        [.. Read(path).Split("---\n").Select(YamlTree.Read).Where(document => document.Count > 0)];

    /// <summary>The setting that an environment variable stands for; null if there is none.</summary>
    public static SettingInfo? SettingOf(string variable)
    {
        var key = variable.Replace("__", ":", StringComparison.Ordinal);
        return SettingCatalog.Topics.SelectMany(topic => topic.Settings).FirstOrDefault(setting => setting.Owns(key));
    }

    /// <summary>Those of the environment variables that stand for no setting.</summary>
    public static IEnumerable<string> WithoutSetting(IEnumerable<string> variables) => variables.Where(variable => SettingOf(variable) is null);

    /// <summary>What the setting is by itself.</summary>
    public static string DefaultOf(string variable) => SettingOf(variable)!.Default;

    /// <summary>Whether a file that everybody may read must not have its value.</summary>
    public static bool IsSecret(string variable) => SettingOf(variable) is { Secrecy: not Secrecy.None };

    public static string Text(this JsonNode? node) => node!.GetValue<string>();
}
