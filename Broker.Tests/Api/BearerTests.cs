using System.Security.Cryptography;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Api;

/// <summary>The bearer token that every endpoint of an agent asks for, before it looks at the body.</summary>
public sealed class BearerTests : RunningBrokerTests
{
    private static readonly string[] Paths =
    [
        "/api/publish", "/api/lock", "/api/unlock", "/api/grant", "/api/revoke", "/api/request", "/api/advertise", "/api/apps", "/api/apps/shop/rotate", "/auth/revoke",
        "/api/webhooks", "/api/webhooks/0123456789abcdef0123456789abcdef/test",
    ];

    [TestCaseSource(nameof(Paths))]
    public async Task A_missing_token_is_reported_even_when_the_body_is_broken(string path) =>
        Assert.That(await Broker.PostAsync(path, "{"), Is.EqualTo(RunningAnswer.Error(401, "Missing bearer token")));

    [TestCaseSource(nameof(Paths))]
    public async Task An_invalid_token_is_refused_even_when_the_body_is_broken(string path) =>
        Assert.That(await Broker.PostAsync(path, "{", "not-a-token"), Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));

    [TestCaseSource(nameof(Paths))]
    public async Task A_revoked_token_is_reported_as_revoked(string path)
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
    public async Task The_prefix_is_exactly_Bearer_and_one_space(string authorization)
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
    public async Task An_invalid_token_of_any_length_is_refused_without_an_error_log() =>
        Assert.That(await Broker.PostAsync("/api/lock", "{}", new string('a', 20_000)), Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));
}

public sealed class BearerExpiryTests : RunningBrokerTests
{
    private readonly RunningClock _clock = new();

    private protected override TimeProvider Time => _clock;

    [Test]
    public async Task A_token_expires_after_seven_days()
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

/// <summary>Every way in which a token can be wrong, at an endpoint; CallerTokensTests has the rest.</summary>
public sealed class BearerTokenTests : RunningBrokerTests
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    // The key is the right one, unless the name says otherwise.
    private static readonly TestCaseData[] Wrong =
    [
        Named("another algorithm of the same kind", Sign("HS512", input => HMACSHA512.HashData(TestToken.Secret.Utf8(), input))),
        Named("an algorithm of another kind", Sign("RS256", input => HMACSHA256.HashData(TestToken.Secret.Utf8(), input))),
        Named("none", Sign("none", _ => [])),
        Named("none, in capitals", Sign("NONE", _ => [])),
        Named("none, with a signature", Sign("none", input => HMACSHA256.HashData(TestToken.Secret.Utf8(), input))),
        Named("another key", TestToken.Of("{\"sub\":\"alice\"}", "another secret of thirty-two bytes")),
        Named("a signature cut short", TestToken.Of("{\"sub\":\"alice\"}")[..^2]),
        Named("no signature", TestToken.Of("{\"sub\":\"alice\"}").Split('.') is var parts ? $"{parts[0]}.{parts[1]}." : ""),
        Named("ended", TestToken.Of($"{{\"sub\":\"alice\",\"exp\":{Now - 1}}}")),
        Named("not begun", TestToken.Of($"{{\"sub\":\"alice\",\"nbf\":{Now + 3600}}}")),
        Named("no subject", TestToken.Of($"{{\"exp\":{Now + 3600}}}")),
        Named("an empty subject", TestToken.Of("{\"sub\":\"\"}")),
        Named("a subject that is a number", TestToken.Of("{\"sub\":5}")),
        Named("claims that are no JSON", TestToken.Of("alice")),
        Named("too long", TestToken.Of($"{{\"sub\":\"alice\",\"more\":\"{new string('x', 4096)}\"}}")),
    ];

    private protected override BrokerOptions Change(BrokerOptions options) => options with { Identity = options.Identity with { JwtSecret = TestToken.Secret } };

    [TestCaseSource(nameof(Wrong))]
    public async Task A_wrong_token_is_invalid_or_expired(string token)
    {
        var right = await Broker.PostAsync("/api/lock", "{}", TestToken.Of($"{{\"sub\":\"alice\",\"nbf\":{Now},\"exp\":{Now + 3600}}}"));

        Assert.That(right, Is.EqualTo(RunningAnswer.Error(400, "channel required")));
        Assert.That(await Broker.PostAsync("/api/lock", "{}", token), Is.EqualTo(RunningAnswer.Error(401, "Invalid or expired token")));
    }

    private static TestCaseData Named(string name, string token) => new TestCaseData(token).SetName($"{nameof(A_wrong_token_is_invalid_or_expired)}: {name}");

    private static string Sign(string algorithm, Func<byte[], byte[]> sign) =>
        TestToken.Sign($"{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}", "{\"sub\":\"alice\"}", sign);
}
