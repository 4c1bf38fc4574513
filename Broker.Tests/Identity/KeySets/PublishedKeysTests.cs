using System.Collections.Concurrent;
using System.Text.Json;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Identity.KeySets;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Broker.Tests.Support.Servers;
using ClawEvents.Broker.Tests.Support.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace ClawEvents.Broker.Tests.Identity.KeySets;

/// <summary>Keys that an identity provider publishes, on a real server.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PublishedKeysTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<int> _statuses = new();
    private WebApplication _provider = null!;
    private TokenCheck<JsonElement> _check = null!;
    private string _address = null!;
    private string[] _keyIds = ["one"];
    private readonly ConcurrentQueue<string> _paths = new();
    private TokenCheck<JsonElement> _realms = null!;
    private int _fetches;

    [SetUp]
    public async Task StartProvider()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _provider = builder.Build();
        _provider.Run(AnswerAsync);
        await _provider.StartAsync();
        _address = _provider.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _check = AllClaims.CheckWith(Settings("/keys"), _time);
        _realms = AllClaims.CheckWith(
            Settings("/{{realm}}/{{ tenant }}/keys") with
            {
                IssuerPattern = SafePattern.Parse("^https://id/(?P<realm>.*)$", out _),
                AudiencePattern = SafePattern.Parse("^tenant-(?P<tenant>.*)$", out _),
            },
            _time);
    }

    [TearDown]
    public ValueTask StopProvider() => _provider.DisposeAsync();

    [TestCase("RS256")]
    [TestCase("RS512")]
    [TestCase("ES256")]
    [TestCase("EdDSA")]
    [Checklist(120)]
    public async Task A_token_is_verified_with_a_published_key(string algorithm) =>
        Assert.That(await StatusAsync(algorithm, "one"), Is.EqualTo(TokenStatus.Valid));

    [Test]
    public async Task A_token_that_names_no_key_is_verified_with_any() =>
        Assert.That(await StatusAsync("RS256", null), Is.EqualTo(TokenStatus.Valid));

    [Test]
    public async Task The_brokers_own_tokens_stay_valid() => Assert.That(await StatusAsync("HS256", null), Is.EqualTo(TokenStatus.Valid));

    [Test]
    public async Task Keys_are_kept_for_an_hour()
    {
        await StatusAsync("RS256", "one");
        await StatusAsync("ES256", "one");
        _time.Advance(PublishedKeys.KeptFor - TimeSpan.FromSeconds(1));
        await StatusAsync("RS256", "one");
        var before = _fetches;
        _time.Advance(TimeSpan.FromSeconds(1));
        await StatusAsync("RS256", "one");

        Assert.That((before, _fetches), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task A_new_key_is_found_after_the_least_pause()
    {
        await StatusAsync("RS256", "one");
        _keyIds = ["two"];
        var early = await StatusAsync("RS256", "two");
        _time.Advance(PublishedKeys.LeastPause);

        Assert.That((early, await StatusAsync("RS256", "two"), _fetches), Is.EqualTo((TokenStatus.Invalid, TokenStatus.Valid, 2)));
    }

    [Test]
    public async Task A_cached_token_is_invalid_as_soon_as_its_key_is_known_to_be_withdrawn()
    {
        var before = await StatusAsync("RS256", "one");
        _keyIds = ["two"];
        _time.Advance(PublishedKeys.LeastPause);
        var whileUnknown = await StatusAsync("RS256", "one");
        await StatusAsync("RS256", "two");

        Assert.That((before, whileUnknown, await StatusAsync("RS256", "one")), Is.EqualTo((TokenStatus.Valid, TokenStatus.Valid, TokenStatus.Invalid)));
    }

    [Test]
    public async Task Invented_key_ids_cause_one_fetch_in_the_least_pause()
    {
        await StatusAsync("RS256", "one");
        _time.Advance(PublishedKeys.LeastPause);
        foreach (var number in Enumerable.Range(0, 50))
        {
            await StatusAsync("RS256", $"invented{number}");
        }

        Assert.That(_fetches, Is.EqualTo(2));
    }

    [Test]
    public async Task Simultaneous_checks_share_a_fetch()
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => StatusAsync("RS256", "one")));

        Assert.That(statuses, Is.All.EqualTo(TokenStatus.Valid));
        Assert.That(_fetches, Is.EqualTo(1));
    }

    [Test]
    public async Task A_failed_fetch_is_repeated_twice()
    {
        _statuses.Enqueue(500);
        _statuses.Enqueue(503);

        Assert.That((await StatusAsync("RS256", "one"), _fetches), Is.EqualTo((TokenStatus.Valid, 3)));
    }

    [Test]
    public async Task Without_keys_a_token_cannot_be_checked_until_they_are_back()
    {
        foreach (var status in new[] { 500, 500, 500 })
        {
            _statuses.Enqueue(status);
        }

        var away = await StatusAsync("RS256", "one");
        var stillAway = await StatusAsync("RS256", "one");
        _time.Advance(PublishedKeys.LeastPause);

        Assert.That((away, stillAway, await StatusAsync("RS256", "one")), Is.EqualTo((TokenStatus.Unavailable, TokenStatus.Unavailable, TokenStatus.Valid)));
        Assert.That(_fetches, Is.EqualTo(4));
    }

    [Test]
    public async Task Fetched_keys_are_used_while_the_provider_is_away()
    {
        await StatusAsync("RS256", "one");
        foreach (var status in new[] { 500, 500, 500 })
        {
            _statuses.Enqueue(status);
        }

        _time.Advance(PublishedKeys.KeptFor);

        Assert.That(await StatusAsync("RS256", "one"), Is.EqualTo(TokenStatus.Valid));
    }

    [Test]
    [Checklist(120)]
    public async Task The_parts_of_issuer_and_audience_make_an_address_with_keys_of_its_own()
    {
        Assert.That(await RealmStatusAsync("a", "one"), Is.EqualTo(TokenStatus.Valid));
        Assert.That(await RealmStatusAsync("b", "two"), Is.EqualTo(TokenStatus.Valid));
        await RealmStatusAsync("a", "one");

        Assert.That(_paths, Is.EqualTo(new[] { "/a/one/keys", "/b/two/keys" }));
    }

    [TestCase("..")]
    [TestCase(".")]
    [TestCase("a/b")]
    [TestCase("a%2fb")]
    [TestCase("a?b")]
    [TestCase("a#b")]
    [TestCase("a@b")]
    [TestCase("é")]
    [TestCase("")]
    public async Task A_value_that_would_lead_elsewhere_is_not_allowed_in_an_address(string realm)
    {
        Assert.That(await RealmStatusAsync(realm, "one"), Is.EqualTo(TokenStatus.Invalid));
        Assert.That(_fetches, Is.Zero);
    }

    [Test]
    public async Task The_least_recently_used_of_many_key_sets_makes_room()
    {
        for (var number = 0; number <= PublishedKeySets.MaxSets; number++)
        {
            _time.Advance(PublishedKeySets.UnprovenInterval);
            await RealmStatusAsync($"r{number}", "one");
        }

        _time.Advance(PublishedKeySets.UnprovenInterval);
        await RealmStatusAsync($"r{PublishedKeySets.MaxSets}", "one");
        var withNewest = _fetches;
        await RealmStatusAsync("r0", "one");

        Assert.That((withNewest, _fetches), Is.EqualTo((PublishedKeySets.MaxSets + 1, PublishedKeySets.MaxSets + 2)));
    }

    [Test]
    public async Task Forged_tokens_of_invented_issuers_share_a_budget_and_displace_no_key_set_in_use()
    {
        await RealmStatusAsync("real", "one");
        for (var number = 0; number < 300; number++)
        {
            await ForgedStatusAsync($"invented{number}");
        }

        var forged = _fetches - 1;
        _time.Advance(PublishedKeySets.UnprovenInterval);
        await ForgedStatusAsync("invented300");
        await ForgedStatusAsync("invented301");

        Assert.That(await RealmStatusAsync("real", "one"), Is.EqualTo(TokenStatus.Valid));
        Assert.That((forged, _fetches, _paths.Count(path => path == "/real/one/keys")), Is.EqualTo((PublishedKeySets.UnprovenBurst - 1, PublishedKeySets.UnprovenBurst + 1, 1)));
    }

    [Test]
    public async Task A_new_issuer_waits_while_forged_tokens_use_up_the_budget()
    {
        for (var number = 0; number < PublishedKeySets.UnprovenBurst; number++)
        {
            await ForgedStatusAsync($"invented{number}");
        }

        var early = await RealmStatusAsync("real", "one");
        _time.Advance(PublishedKeySets.UnprovenInterval);

        Assert.That((early, await RealmStatusAsync("real", "one")), Is.EqualTo((TokenStatus.Unavailable, TokenStatus.Valid)));
    }

    [TestCase(302)]
    [TestCase(404)]
    [TestCase(401)]
    public async Task A_refusal_is_not_repeated_for_a_minute(int status)
    {
        _statuses.Enqueue(status);
        var refused = await StatusAsync("RS256", "one");
        _time.Advance(PublishedKeys.RefusedPause - TimeSpan.FromSeconds(1));
        var stillRefused = await StatusAsync("RS256", "one");
        var fetches = _fetches;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((refused, stillRefused, fetches), Is.EqualTo((TokenStatus.Unavailable, TokenStatus.Unavailable, 1)));
        Assert.That(await StatusAsync("RS256", "one"), Is.EqualTo(TokenStatus.Valid));
    }

    private async Task<TokenStatus> RealmStatusAsync(string realm, string tenant) =>
        (await _realms.CheckAsync(SignedToken.Of($$"""{"iss":"https://id/{{realm}}","aud":["x","tenant-{{tenant}}"]}""", "RS256").AsMemory())).Status;

    // Signed by somebody else than the issuer, with the number of no key of it.
    private async Task<TokenStatus> ForgedStatusAsync(string realm) =>
        (await _realms.CheckAsync($"{SignedToken.Of($$"""{"iss":"https://id/{{realm}}","aud":"tenant-one"}""", "RS256")[..^8]}AAAAAAAA".AsMemory())).Status;

    private TokenSettings Settings(string path) => new() { KeysAddress = KeySetAddress.Parse(_address + path), KeysTimeout = RunningBroker.Patience };

    private Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _fetches);
        _paths.Enqueue(context.Request.Path);
        if (_statuses.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        }

        var keys = _keyIds.SelectMany(id => new object[] { RsaKey(id), EcdsaKey(id), EdwardsKey(id), new { kty = "OKP", crv = "Ed25519", kid = id, x = "AA" }, new { kty = "RSA", kid = id } });
        return context.Response.WriteAsync(JsonSerializer.Serialize(new { keys }));
    }

    private static object RsaKey(string id)
    {
        var key = SignedToken.Rsa.ExportParameters(includePrivateParameters: false);
        return new { kty = "RSA", use = "sig", kid = id, n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) };
    }

    private static object EdwardsKey(string id) => new { kty = "OKP", use = "sig", kid = id, crv = "Ed25519", x = Base64UrlEncoder.Encode(Ed25519Signer.PublicKey) };

    private static object EcdsaKey(string id)
    {
        var key = SignedToken.Ecdsa.ExportParameters(includePrivateParameters: false);
        return new { kty = "EC", use = "sig", kid = id, crv = "P-256", x = Base64UrlEncoder.Encode(key.Q.X), y = Base64UrlEncoder.Encode(key.Q.Y) };
    }

    private async Task<TokenStatus> StatusAsync(string algorithm, string? keyId) =>
        (await _check.CheckAsync(SignedToken.Of("""{"sub":"42"}""", algorithm, keyId).AsMemory())).Status;
}
