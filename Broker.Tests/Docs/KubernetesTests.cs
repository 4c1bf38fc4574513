using System.Globalization;
using System.Text.Json.Nodes;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>docs/operations/kubernetes/clawevents.yaml fits the broker and itself.</summary>
internal sealed class KubernetesTests
{
    private const string Manifests = "docs/operations/kubernetes/clawevents.yaml";

    private static readonly IReadOnlyList<JsonObject> Documents = DeploymentFiles.ReadYaml(Manifests);

    private static JsonNode Pod => One("Deployment")["spec"]!["template"]!;

    private static JsonNode Container => Pod["spec"]!["containers"]!.AsArray().Single()!;

    private static IEnumerable<JsonNode> Variables => Container["env"]!.AsArray().Select(variable => variable!);

    private static Dictionary<string, string> Ports =>
        Container["ports"]!.AsArray().ToDictionary(port => port!["name"].Text(), port => port!["containerPort"].Text(), StringComparer.Ordinal);

    [Test]
    public void The_manifests_are_those_of_one_deployment() =>
        Assert.That(Documents.Select(one => one["kind"].Text()), Is.EquivalentTo(new[] { "Deployment", "Service", "Service", "PodDisruptionBudget", "NetworkPolicy" }));

    [Test]
    public void Every_variable_is_a_setting_and_secrets_are_references()
    {
        var secrets = Variables.Where(variable => DeploymentFiles.IsSecret(variable["name"].Text())).ToList();

        Assert.That(DeploymentFiles.WithoutSetting(Variables.Select(variable => variable["name"].Text())), Is.Empty);
        Assert.That(secrets, Is.Not.Empty);
        Assert.That(secrets.Where(variable => !IsReference(variable)), Is.Empty);
    }

    [Test]
    public void The_ports_are_those_of_the_settings() =>
        Assert.That(Ports, Is.EquivalentTo(new Dictionary<string, string> { ["http"] = ValueOf("PORT"), ["internal"] = ValueOf("InternalPort") }));

    [TestCase("readinessProbe")]
    [TestCase("startupProbe")]
    [TestCase("livenessProbe")]
    public void A_probe_asks_a_path_and_a_port_that_exist(string name)
    {
        var request = Container[name]!["httpGet"]!;

        Assert.That(request["path"].Text(), Is.EqualTo(DeploymentFiles.DefaultOf("HealthPath") + (name == "readinessProbe" ? "/ready" : "/live")));
        Assert.That(Ports.Keys, Does.Contain(request["port"].Text()));
    }

    [Test]
    public void A_pod_has_more_time_to_stop_than_its_broker_takes()
    {
        var most = new[] { "DrainDelaySeconds", "DrainSeconds", "ShutdownSeconds" }.Sum(name => Seconds(ValueOf(name)));

        Assert.That(Seconds(Pod["spec"]!["terminationGracePeriodSeconds"].Text()), Is.GreaterThan(most));
    }

    [Test]
    public void A_pod_that_is_to_stop_accepts_clients_until_its_readiness_was_asked_for()
    {
        var probe = Container["readinessProbe"]!;

        Assert.That(Seconds(ValueOf("DrainDelaySeconds")), Is.GreaterThanOrEqualTo(Seconds(probe["periodSeconds"].Text())));
    }

    [Test]
    public void A_pod_can_do_no_more_than_it_has_to()
    {
        var user = Pod["spec"]!["securityContext"]!;
        var rights = Container["securityContext"]!;
        var image = DeploymentFiles.Read("Dockerfile");

        Assert.That(user["runAsNonRoot"]!.GetValue<bool>());
        Assert.That(image, Does.Contain($"\nUSER {user["runAsUser"].Text()}\n"));
        Assert.That(user["seccompProfile"]!["type"].Text(), Is.EqualTo("RuntimeDefault"));
        Assert.That(rights["readOnlyRootFilesystem"]!.GetValue<bool>());
        Assert.That(rights["allowPrivilegeEscalation"]!.GetValue<bool>(), Is.False);
        Assert.That(rights["capabilities"]!["drop"]![0].Text(), Is.EqualTo("ALL"));
        Assert.That(Pod["spec"]!["automountServiceAccountToken"]!.GetValue<bool>(), Is.False);
        Assert.That(Container["resources"]!["limits"]!["memory"].Text(), Is.Not.Empty);
        Assert.That(image, Does.Contain($"CLAW_DATA_DIR={Container["volumeMounts"]![0]!["mountPath"].Text()} "));
    }

    [Test]
    public void All_selectors_mean_the_pods()
    {
        var labels = Pod["metadata"]!["labels"]!;
        var selectors = Documents.Select(one => one["spec"]!)
            .Select(spec => spec["podSelector"]?["matchLabels"] ?? spec["selector"]?["matchLabels"] ?? spec["selector"]!);

        Assert.That(selectors, Is.Not.Empty.And.All.Matches<JsonNode?>(selector => JsonNode.DeepEquals(selector, labels)));
    }

    [Test]
    public void Services_and_network_policy_name_ports_of_the_pods()
    {
        var targets = Documents.Where(one => one["kind"].Text() == "Service").SelectMany(one => one["spec"]!["ports"]!.AsArray()).Select(port => port!["targetPort"].Text());
        var open = One("NetworkPolicy")["spec"]!["ingress"]!.AsArray().SelectMany(rule => rule!["ports"]!.AsArray()).Select(port => port!["port"].Text());

        Assert.That(targets, Is.EquivalentTo(Ports.Keys));
        Assert.That(open, Is.EquivalentTo(Ports.Keys));
    }

    [Test]
    public void Only_labelled_pods_reach_the_internal_port()
    {
        var rules = One("NetworkPolicy")["spec"]!["ingress"]!.AsArray().Where(rule => rule!["ports"]!.AsArray().Any(port => port!["port"].Text() == "internal"));

        Assert.That(rules.Single()!["from"]![0]!["podSelector"]!["matchLabels"]!.AsObject(), Has.Count.EqualTo(1));
    }

    private static JsonObject One(string kind) => Documents.Single(document => document["kind"].Text() == kind);

    private static string ValueOf(string name) => Variables.Single(variable => variable["name"].Text() == name)["value"].Text();

    private static bool IsReference(JsonNode variable) => variable["value"] is null && variable["valueFrom"]!["secretKeyRef"]!["key"].Text() == variable["name"].Text();

    private static int Seconds(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
