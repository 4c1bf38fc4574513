using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Configuration;

[Checklist(175)]
internal sealed class CentrifugoFlagsTests
{
    [TestCase("--http_server.port 9000", "http_server.port=9000")]
    [TestCase("--http_server.port=9000", "http_server.port=9000")]
    [TestCase("--port 9000", "http_server.port=9000")]
    [TestCase("-p 9000 -a 0.0.0.0", "http_server.port=9000 http_server.address=0.0.0.0")]
    [TestCase("--client.insecure", "client.insecure=true")]
    [TestCase("--client.insecure=false", "client.insecure=false")]
    [TestCase("--client_insecure --port 1", "client.insecure=true http_server.port=1")]
    [TestCase("--prometheus.enabled --health.handler_prefix /h", "prometheus.enabled=true health.handler_prefix=/h")]
    public void Flags_of_either_version_are_known(string arguments, string values)
    {
        var flags = new CentrifugoFlags(arguments.Split(' '));

        Assert.That(flags.Values.Select(pair => $"{pair.Key}={pair.Value}"), Is.EquivalentTo(values.Split(' ')));
        Assert.That((flags.Ours.Count, flags.Leftovers.Count), Is.EqualTo((0, 0)));
    }

    [TestCase("--PORT=80", "--PORT=80")]
    [TestCase("--PORT 80", "--PORT=80")]
    [TestCase("PORT=80", "PORT=80")]
    [TestCase("--Metrics --PORT 80", "--Metrics=true --PORT=80")]
    [TestCase("--Metrics", "--Metrics=true")]
    [TestCase("-c config.json", "-c=config.json")]
    [TestCase("--config config.json", "--config=config.json")]
    [TestCase("--Namespaces:0:name chat", "--Namespaces:0:name=chat")]
    public void Other_arguments_are_kept_each_in_one_piece(string arguments, string ours)
    {
        var flags = new CentrifugoFlags(arguments.Split(' '));

        Assert.That(flags.Ours, Is.EqualTo(ours.Split(' ')));
        Assert.That((flags.Values.Count, flags.Leftovers.Count), Is.EqualTo((0, 0)));
    }

    [TestCase("--swagger.enabled --PORT=80", "--swagger.enabled")]
    [TestCase("--debug.enabled --PORT=80", "--debug.enabled")]
    [TestCase("--swagger_handler_prefix=x --PORT=80", "--swagger_handler_prefix")]
    public void Unknown_flags_are_named_and_affect_no_other_argument(string arguments, string ignored)
    {
        var flags = new CentrifugoFlags(arguments.Split(' '));

        Assert.That((flags.Leftovers.Single().Name, flags.Ours.Single()), Is.EqualTo((ignored, "--PORT=80")));
    }

    [TestCase("--http_server.port")]
    [TestCase("-p")]
    [TestCase("--port --client.insecure")]
    public void A_flag_without_the_value_it_needs_is_a_fault(string arguments) =>
        Assert.That(() => new CentrifugoFlags(arguments.Split(' ')), Throws.TypeOf<FormatException>().With.Message.Contains("needs a value"));
}
