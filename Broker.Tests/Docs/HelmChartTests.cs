using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The Helm chart fits the broker and the manifests that were made with it.</summary>
internal sealed partial class HelmChartTests
{
    private const string Chart = "docs/operations/helm/clawevents-broker";

    private static readonly JsonObject Values = DeploymentFiles.ReadYaml($"{Chart}/values.yaml").Single();

    private static readonly JsonNode Schema = JsonNode.Parse(DeploymentFiles.Read($"{Chart}/values.schema.json"))!;

    private static IEnumerable<string> Templates => Directory.EnumerateFiles(DeploymentFiles.PathOf($"{Chart}/templates")).Select(File.ReadAllText);

    [Test]
    public void The_chart_is_for_this_version_of_the_broker() => Assert.That(
        DeploymentFiles.Read("Directory.Build.props"),
        Does.Contain($"<Version>{DeploymentFiles.ReadYaml($"{Chart}/Chart.yaml").Single()["appVersion"].Text()}</Version>"));

    [Test]
    public void Templates_use_all_values_and_no_others()
    {
        var used = Templates.SelectMany(text => UsedValues().Matches(text)).Select(match => match.Groups[1].Value).Distinct();

        Assert.That(used, Is.EquivalentTo(NamesIn(Values)));
    }

    [Test]
    public void The_schema_has_all_values_and_no_others() => AssertDescribed(Values, Schema, "values");

    [Test]
    public void Further_settings_are_settings_and_no_secrets()
    {
        var names = Values["settings"]!.AsObject().Select(setting => setting.Key).ToList();
        var refused = Schema["properties"]!["settings"]!["propertyNames"]!["not"]!["enum"]!.AsArray().Select(name => name.Text()).ToList();
        var secrets = SettingCatalog.Topics.SelectMany(topic => topic.Settings).Where(setting => setting is { Secrecy: not Secrecy.None, Suffix: "" }).Select(setting => setting.Name);

        Assert.That(DeploymentFiles.WithoutSetting(names.Concat(refused)), Is.Empty);
        Assert.That(names.Intersect(refused), Is.Empty);
        Assert.That(secrets.Except(refused), Is.Empty);
    }

    [Test]
    public void The_schema_refuses_the_settings_that_the_deployment_sets()
    {
        var refused = Schema["properties"]!["settings"]!["propertyNames"]!["not"]!["enum"]!.AsArray().Select(name => name.Text());
        var set = FixedVariables().Matches(DeploymentFiles.Read($"{Chart}/templates/deployment.yaml")).Select(match => match.Groups[1].Value);

        Assert.That(set, Is.Not.Empty.And.SubsetOf(refused));
    }

    [Test]
    public async Task The_manifests_are_what_Helm_makes_of_the_chart()
    {
        const string manifests = "docs/operations/kubernetes/clawevents.yaml";
        Assume.That(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "helm"))), "Helm is not installed here.");
        await using var helm = RunningProcess.Start("helm", ["template", "clawevents", Chart, "--kube-version", "1.30.0"], RunningProcess.SolutionFolder);

        Assert.That(await helm.ReadToEndAsync(), Is.EqualTo(DeploymentFiles.Read(manifests)), await helm.ReadErrorsAsync());
    }

    // A value that is free by its schema, such as resources, counts as one.
    private static IEnumerable<string> NamesIn(JsonObject values) => values.SelectMany(value =>
        Schema["properties"]![value.Key]!["properties"] is null ? [value.Key] : value.Value!.AsObject().Select(inner => $"{value.Key}.{inner.Key}"));

    private static void AssertDescribed(JsonObject values, JsonNode schema, string path)
    {
        var names = values.Select(value => value.Key);
        Assert.That(schema["properties"]!.AsObject().Select(one => one.Key).Except(["global"]), Is.EquivalentTo(names), path);
        Assert.That(schema["required"]!.AsArray().Select(name => name.Text()), Is.EquivalentTo(names), path);
        Assert.That(schema["additionalProperties"]!.GetValue<bool>(), Is.False, path);
        foreach (var (name, value) in values)
        {
            if (schema["properties"]![name]!["properties"] is not null)
            {
                AssertDescribed(value!.AsObject(), schema["properties"]![name]!, $"{path}.{name}");
            }
        }
    }

    [GeneratedRegex(@"\.Values\.([A-Za-z.]+)")]
    private static partial Regex UsedValues();

    [GeneratedRegex(@"^            - name: ([A-Z]\w+)$", RegexOptions.Multiline)]
    private static partial Regex FixedVariables();
}
