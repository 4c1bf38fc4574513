using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>The bearer token that every endpoint of an agent asks for, before it looks at the body.</summary>
public sealed class BearerTests : RunningBrokerTests
{
    private static readonly string[] Paths = ["/api/publish", "/api/lock", "/api/unlock", "/api/grant", "/api/revoke", "/auth/revoke"];

    [TestCaseSource(nameof(Paths))]
    public async Task Without_a_token_it_is_missing_even_when_the_body_is_broken(string path) =>
        Assert.That(await Broker.PostAsync(path, "{"), Is.EqualTo(RunningAnswer.Error(401, "Missing bearer token")));

    [TestCaseSource(nameof(Paths))]
    public async Task A_token_that_is_none_is_refused_even_when_the_body_is_broken(string path) =>
        Assert.That(await Broker.PostAsync(path, "{", "not-a-token"), Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));

    [TestCaseSource(nameof(Paths))]
    public async Task An_ended_token_is_called_revoked(string path)
    {
        var old = await Broker.RegisterAsync("alice");
        await Broker.RegisterAsync("alice");

        Assert.That(await Broker.PostAsync(path, "{", old), Is.EqualTo(RunningAnswer.Error(401, "Invalid or revoked API key")));
    }

    [TestCase("bearer {0}")]
    [TestCase("BEARER {0}")]
    [TestCase("Bearer\t{0}")]
    [TestCase("Token {0}")]
    [TestCase("{0}")]
    public async Task The_prefix_is_exactly_bearer_and_a_space(string authorization)
    {
        var value = string.Format(System.Globalization.CultureInfo.InvariantCulture, authorization, await Broker.RegisterAsync("alice"));

        var answer = await Broker.SendAsync(HttpMethod.Post, "/api/lock", "{}"u8.ToArray(), ("Authorization", value));

        Assert.That(answer, Is.EqualTo(RunningAnswer.Error(401, "Missing bearer token")));
    }

    [Test]
    public async Task A_second_space_belongs_to_the_token()
    {
        var value = $"Bearer  {await Broker.RegisterAsync("alice")}";

        var answer = await Broker.SendAsync(HttpMethod.Post, "/api/lock", "{}"u8.ToArray(), ("Authorization", value));

        Assert.That(answer, Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));
    }

    [Test]
    public async Task A_token_of_another_signature_is_refused()
    {
        var parts = (await Broker.RegisterAsync("alice")).Split('.');
        await using var other = await RunningBroker.StartAsync();
        var foreign = (await other.RegisterAsync("alice")).Split('.');

        var answer = await Broker.PostAsync("/api/lock", "{}", $"{parts[0]}.{parts[1]}.{foreign[2]}");

        Assert.That(answer, Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));
    }

    [Test]
    public async Task A_token_without_a_signature_is_refused()
    {
        // {"alg":"none"} . {"sub":"alice"} .
        var answer = await Broker.PostAsync("/api/lock", "{}", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.");

        Assert.That(answer, Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));
    }

    [Test]
    public async Task A_token_of_any_length_is_refused_quietly() =>
        Assert.That(await Broker.PostAsync("/api/lock", "{}", new string('a', 20_000)), Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));
}

public sealed class BearerExpiryTests : RunningBrokerTests
{
    private readonly RunningClock _clock = new();

    private protected override TimeProvider Time => _clock;

    [Test]
    public async Task A_token_ends_after_seven_days()
    {
        var token = await Broker.RegisterAsync("alice");

        _clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        var before = await Broker.PostAsync("/api/lock", "{}", token);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var after = await Broker.PostAsync("/api/lock", "{}", token);

        Assert.That(before, Is.EqualTo(RunningAnswer.Error(400, "channel required")));
        Assert.That(after, Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));
    }
}
