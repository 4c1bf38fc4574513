using System.Globalization;
using System.Text.RegularExpressions;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The unit of systemd, the settings of the Debian package, and docker-compose.yml fit the broker.</summary>
internal sealed partial class ServiceFilesTests
{
    private static readonly ILookup<string, string> Unit = UnitLines().Matches(DeploymentFiles.Read("docs/operations/systemd/clawevents-broker.service"))
        .ToLookup(line => line.Groups[1].Value, line => line.Groups[2].Value, StringComparer.Ordinal);

    // A node among others takes longer than one that is alone.
    private static double StopSeconds
    {
        get
        {
            var options = new BrokerOptions { State = new() { Redis = [TestRedis.Address("redis://localhost:6379")] } };
            var drain = BrokerRooms.DrainOf(options);
            return (drain.Delay + drain.Time + options.Listeners.ShutdownTimeout).TotalSeconds;
        }
    }

    // Of a service, in the Compose specification: a mistyped key would be an error of every engine.
    private static readonly string[] OfCompose =
    [
        "build", "image", "command", "entrypoint", "ports", "environment", "env_file", "depends_on", "read_only", "tmpfs", "cap_drop", "security_opt", "stop_grace_period", "restart",
        "volumes", "healthcheck", "ulimits", "user", "networks",
    ];

    [Test]
    public void The_unit_sets_settings_only_and_no_secret()
    {
        var names = Unit["Environment"].Select(line => line.Split('=')[0]).ToList();

        Assert.That(names, Is.Not.Empty);
        Assert.That(DeploymentFiles.WithoutSetting(names), Is.Empty);
        Assert.That(names.Where(DeploymentFiles.IsSecret), Is.Empty);
    }

    [Test]
    public void The_unit_keeps_the_state_where_it_may_write() =>
        Assert.That(Unit["Environment"], Does.Contain($"CLAW_DATA_DIR=/var/lib/{Unit["StateDirectory"].Single()}"));

    [Test]
    public void The_unit_waits_for_the_broker_to_stop() =>
        Assert.That(int.Parse(Unit["TimeoutStopSec"].Single(), CultureInfo.InvariantCulture), Is.GreaterThan(StopSeconds));

    [TestCase("Type", "notify")]
    [TestCase("WatchdogSec", "30")]
    [TestCase("DynamicUser", "yes")]
    [TestCase("NoNewPrivileges", "yes")]
    [TestCase("ProtectSystem", "strict")]
    [TestCase("PrivateTmp", "yes")]
    [TestCase("MemoryDenyWriteExecute", "yes")]
    [TestCase("CapabilityBoundingSet", "")]
    [TestCase("SystemCallFilter", "@system-service")]
    [TestCase("Restart", "on-failure")]
    [TestCase("RestartPreventExitStatus", "64 78")]
    public void The_unit_says(string name, string value) => Assert.That(Unit[name].Single(), Is.EqualTo(value));

    [Test]
    public void The_package_comes_with_settings_without_values_that_are_secret()
    {
        var lines = SettingLines().Matches(DeploymentFiles.Read("docs/operations/debian/broker.env")).Select(line => (name: line.Groups[1].Value, value: line.Groups[2].Value)).ToList();

        Assert.That(DeploymentFiles.WithoutSetting(lines.Select(line => line.name)), Is.Empty);
        Assert.That(lines.Where(line => DeploymentFiles.IsSecret(line.name)).Select(line => line.value), Is.Not.Empty.And.All.Empty);
    }

    [Test]
    public void Compose_gives_the_broker_settings_and_secrets_from_outside()
    {
        var variables = DeploymentFiles.ReadYaml("docker-compose.yml").Single()["services"]!["broker"]!["environment"]!.AsObject();
        var secrets = variables.Where(variable => DeploymentFiles.IsSecret(variable.Key)).Select(variable => variable.Value.Text()).ToList();

        Assert.That(DeploymentFiles.WithoutSetting(variables.Select(variable => variable.Key)), Is.Empty);
        Assert.That(secrets, Is.Not.Empty);
        Assert.That(secrets.Where(value => !IsFromOutside(value)), Is.Empty);
    }

    [Test]
    public void Compose_keeps_the_broker_small_and_waits_for_it_to_stop()
    {
        var broker = DeploymentFiles.ReadYaml("docker-compose.yml").Single()["services"]!["broker"]!;

        Assert.That(broker["read_only"]!.GetValue<bool>());
        Assert.That(broker["cap_drop"]![0].Text(), Is.EqualTo("ALL"));
        Assert.That(broker["security_opt"]![0].Text(), Is.EqualTo("no-new-privileges:true"));
        Assert.That(int.Parse(broker["stop_grace_period"].Text().TrimEnd('s'), CultureInfo.InvariantCulture), Is.GreaterThan(StopSeconds));
        Assert.That(DeploymentFiles.Read("Dockerfile"), Does.Contain($"PORT={broker["ports"]![0].Text().Split(':')[1]} "));
    }

    [Test]
    public void The_image_of_the_broker_with_more_queues_differs_in_its_program_alone()
    {
        var images = DeploymentFiles.Read("Dockerfile").Split("FROM mcr.microsoft.com/dotnet/runtime-deps:").Skip(1).Select(stage => stage.Split("\nFROM ")[0]).ToArray();
        string[][] settings = [.. images.Select(image => image.Replace("\\\n", "", StringComparison.Ordinal).Split('\n').Where(line => line.Split(' ')[0] is "USER" or "ENV" or "VOLUME" or "EXPOSE" or "HEALTHCHECK" or "ENTRYPOINT").ToArray())];

        Assert.That(settings, Has.Length.EqualTo(2));
        Assert.That(settings[1], Has.Length.EqualTo(6));
        Assert.That(settings[0].Select(line => line.Replace("clawevents-broker-queues", "clawevents-broker", StringComparison.Ordinal)), Is.EqualTo(settings[1]));
        Assert.That(settings[0][^1], Is.EqualTo("""ENTRYPOINT ["./clawevents-broker-queues"]"""));
    }

    [Test]
    public void Compose_names_only_what_it_has()
    {
        var file = DeploymentFiles.ReadYaml("docker-compose.yml").Single();
        var services = file["services"]!.AsObject();
        var volumes = services.SelectMany(service => service.Value!["volumes"]?.AsArray() ?? []).Select(volume => volume.Text().Split(':')[0]);
        var dependencies = services.SelectMany(service => service.Value!["depends_on"]?.AsObject() ?? []).ToList();

        Assert.That(volumes, Is.EquivalentTo(file["volumes"]!.AsObject().Select(volume => volume.Key)));
        Assert.That(dependencies, Is.Not.Empty);
        Assert.That(dependencies.Where(other => services[other.Key]?["healthcheck"] is null && other.Value!["condition"].Text() == "service_healthy").Select(other => other.Key), Is.Empty);
        Assert.That(services.SelectMany(service => service.Value!.AsObject()).Select(pair => pair.Key).Except(OfCompose), Is.Empty);
        Assert.That(file.Select(pair => pair.Key).Except(["services", "volumes"]), Is.Empty);
    }

    // A Redis without a password has an address that is no secret.
    private static bool IsFromOutside(string value) =>
        value.StartsWith("${", StringComparison.Ordinal) || (value.StartsWith("redis://", StringComparison.Ordinal) && !value.Contains('@', StringComparison.Ordinal));

    [GeneratedRegex(@"^([A-Za-z]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex UnitLines();

    [GeneratedRegex(@"^#?([A-Za-z_:]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex SettingLines();
}
