using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Api.Server;

public sealed class ServerApiBatchTests : RunningBrokerTests
{
    [Test]
    [Checklist(159)]
    public async Task Replies_are_at_the_top_in_the_order_of_the_commands()
    {
        var subscriber = await Broker.ConnectAsync();
        await subscriber.SubscribeAsync("public.a");

        var answer = await Broker.PostWithKeyAsync("/api/batch", """
            {"commands":[
                {"publish":{"channel":"public.a","data":1}}, {"publish":{"channel":"a:b","data":2}}, {"nonsense":{}}, {},
                {"channels":{"pattern":"none*"}}, {"Broadcast":{"channels":["public.a","a:b"],"data":3}}, {"publish":{"channel":"public.a","data":4}}]}
            """);

        Assert.That(answer, Is.EqualTo(RunningAnswer.Json(200, string.Concat(
            """{"replies":[{"publish":{}},{"error":{"code":102,"message":"unknown channel"}},{"error":{"code":104,"message":"method not found"}},{"error":{"code":104,"message":"method not found"}},""",
            """{"channels":{"channels":{}}},{"broadcast":{"responses":[{"result":{}},{"error":{"code":102,"message":"unknown channel"}}]}},{"publish":{}}]}"""))));
        Assert.That(
            new[] { await subscriber.ReadPublicationAsync(), await subscriber.ReadPublicationAsync(), await subscriber.ReadPublicationAsync() },
            Is.EqualTo(new[] { "1", "3", "4" }));
    }

    [TestCase("{}")]
    [TestCase("""{"commands":[]}""")]
    [TestCase("""{"commands":null,"parallel":true}""")]
    public async Task An_empty_batch_has_an_empty_answer(string body) => Assert.That(await Broker.PostWithKeyAsync("/api/batch", body), Is.EqualTo(RunningAnswer.Json(200, "{}")));

    [Test]
    public async Task Parallel_commands_have_their_replies_in_order()
    {
        var commands = string.Join(',', Enumerable.Range(0, 200).Select(number => number % 2 == 0 ? """{"publish":{"channel":"public.a","data":1}}""" : """{"info":{"x":1}}"""));

        var answer = await Broker.PostWithKeyAsync("/api/batch", $$"""{"parallel":true,"commands":[{{commands}}]}""");

        var names = System.Text.Json.JsonDocument.Parse(answer.Body).RootElement.GetProperty("replies").EnumerateArray().Select(reply => reply.EnumerateObject().Single().Name);
        Assert.That(names, Is.EqualTo(Enumerable.Range(0, 200).Select(number => number % 2 == 0 ? "publish" : "info")));
    }

    [TestCase("""{"commands":{}}""")]
    [TestCase("""{"commands":[1]}""")]
    [TestCase("""{"commands":[{"publish":[]}]}""")]
    [TestCase("""{"commands":[{"publish":{"channel":"public.a","data":1}},{"publish":{"channel":5}}]}""")]
    [TestCase("""{"commands":[],"parallel":"yes"}""")]
    public async Task One_malformed_command_makes_the_batch_a_bad_request_and_none_is_run(string body)
    {
        var subscriber = await Broker.ConnectAsync();
        await subscriber.SubscribeAsync("public.a");

        Assert.That(await Broker.PostWithKeyAsync("/api/batch", body), Is.EqualTo(new RunningAnswer(400, "text/plain", "Bad Request")));

        await Broker.PublishAsync("public.a", "\"the only one\"");
        Assert.That(await subscriber.ReadPublicationAsync(), Is.EqualTo("\"the only one\""));
    }
}

public sealed class ServerApiLinesTests : RunningBrokerTests
{
    [Test]
    [Checklist(154)]
    public async Task Every_call_gets_a_line_with_its_id()
    {
        var answer = await Broker.PostWithKeyAsync("/api", """
            {
              "id": 1, "method": "publish",
              "params": {"channel": "public.a", "data": 1}
            }{"Method":"INFO","Params":{"x":1},"id":0}
            {"id":3,"method":"no"}
            """.Replace("""{"id":3,"method":"no"}""", """{"id":3,"method":"history","params":{"channel":"a:b"}}""", StringComparison.Ordinal));

        var lines = answer.Body.Split('\n');
        Assert.That((lines[0], lines[2], lines.Length), Is.EqualTo(("""{"id":1,"result":{}}""", """{"id":3,"error":{"code":102,"message":"unknown channel"}}""", 3)));
        Assert.That(lines[1], Does.StartWith("""{"result":{"nodes":["""));
    }

    [TestCase(0, """{"result":{}}""")]
    [TestCase(1, """{"error":{"code":107,"message":"bad request: channels are needed"}}""")]
    [TestCase(2, """{"result":{}}""")]
    [TestCase(4, """{"error":{"code":108,"message":"not available"}}""")]
    [TestCase(6, """{"error":{"code":108,"message":"not available"}}""")]
    [TestCase(10, """{"error":{"code":104,"message":"not found"}}""")]
    [Checklist(154)]
    public async Task A_method_may_be_its_old_number(int number, string answer) => Assert.That(
        await Broker.PostWithKeyAsync("/api", $$$"""{"method":{{{number}}},"params":{"channel":"public.a","data":1}}"""), Is.EqualTo(RunningAnswer.Json(200, answer)));

    [TestCase("""{"method":13}""")]
    [TestCase("""{"method":-1}""")]
    [TestCase("""{"method":99999999999}""")]
    [TestCase("""{"method":"batch"}""")]
    [TestCase("""{"method":null}""")]
    [TestCase("""{"id":4294967296,"method":"info"}""")]
    public async Task An_unknown_method_is_a_bad_request(string body) =>
        Assert.That(await Broker.PostWithKeyAsync("/api", body), Is.EqualTo(new RunningAnswer(400, "text/plain", "Bad Request")));

    [TestCase("""{"id":1,"method":"publish","params":[]}""")]
    [TestCase("""{"id":1,"method":"publish","params":{"channel":5}}""")]
    public async Task Wrong_parameters_are_an_error_of_their_call_only(string body) =>
        Assert.That(await Broker.PostWithKeyAsync("/api", body), Is.EqualTo(RunningAnswer.Json(200, """{"id":1,"error":{"code":107,"message":"bad request"}}""")));

    [Test]
    public async Task No_call_is_carried_out_when_any_of_them_is_malformed()
    {
        var subscriber = await Broker.ConnectAsync();
        await subscriber.SubscribeAsync("public.a");

        var answer = await Broker.PostWithKeyAsync("/api", "{\"method\":\"publish\",\"params\":{\"channel\":\"public.a\",\"data\":1}}\n{");

        Assert.That(answer.Status, Is.EqualTo(400));
        await Broker.PublishAsync("public.a", "2");
        Assert.That(await subscriber.ReadPublicationAsync(), Is.EqualTo("2"));
    }
}
