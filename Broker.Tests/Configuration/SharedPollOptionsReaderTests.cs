using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class SharedPollOptionsReaderTests
{
    private const string Secret = "a secret of thirty-two bytes, or more";

    [Test]
    public void Every_option_of_a_shared_poll_is_read()
    {
        var (options, faults) = Read($$$"""
            {"SharedPollSecret":"{{{Secret}}}","SharedPollPreviousSecret":"the {{{Secret}}}","SharedPollPreviousSecretValidUntil":"1767225600","SharedPollConcurrency":"7",
            "Proxies":{"values":{"endpoint":"https://example.com/values"}},
            "Namespaces":[{"name":"votes","subscription_type":"shared_poll","shared_poll":{"proxy_name":"values","refresh_interval":"200ms","refresh_batch_size":7,"max_keys_per_connection":8,
            "mode":"versioned","channel_shutdown_delay":"9s","track_expired_extra_delay":"11s","publish_enabled":true}}]}
            """);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(faults, Is.Empty);
            Assert.That(options.Namespaces.Find(TestChannel.Named("votes:a"))!.SharedPoll, Is.EqualTo(new SharedPollOptions
            {
                Proxy = "values",
                RefreshInterval = TimeSpan.FromMilliseconds(200),
                RefreshBatchSize = 7,
                MaxKeysPerConnection = 8,
                IsVersioned = true,
                ChannelShutdownDelay = TimeSpan.FromSeconds(9),
                TrackExpiredExtraDelay = TimeSpan.FromSeconds(11),
                IsPublishEnabled = true,
            }));
            Assert.That(options.SharedPolls, Is.EqualTo(new SharedPollSettings { Secret = Secret, PreviousSecret = $"the {Secret}", PreviousSecretEnd = 1767225600, Concurrency = 7 }));
        }
    }

    [TestCase("{}")]
    [TestCase("""{"proxy_name":"","refresh_interval":"0s","refresh_batch_size":0,"max_keys_per_connection":0,"mode":"versionless","channel_shutdown_delay":"0s","track_expired_extra_delay":"0s"}""")]
    public void An_option_that_is_left_out_or_zero_has_its_default(string section)
    {
        var (options, faults) = Read($$$"""
            {"SharedPollSecret":"{{{Secret}}}","Proxies":{"default":{"endpoint":"https://example.com/values"}},"WithoutNamespace":{"subscription_type":"shared_poll","shared_poll":{{{section}}}}}
            """);

        Assert.That(faults, Is.Empty);
        Assert.That(options.Namespaces.Find(TestChannel.Named("a"))!.SharedPoll, Is.EqualTo(SharedPollOptions.Default with { Proxy = "default" }));
    }

    [TestCase("""{"mode":"sometimes"}""", "WithoutNamespace:shared_poll:mode: 'sometimes' is not supported.")]
    [TestCase("""{"refresh_interval":"soon"}""", "WithoutNamespace:shared_poll:refresh_interval: 'soon' is not a duration.")]
    [TestCase("""{"refresh_batch_size":-1}""", "WithoutNamespace:shared_poll:refresh_batch_size: '-1' is not a whole number from 0 to 100000.")]
    [TestCase("""{"publish_enabled":true}""", "WithoutNamespace:shared_poll:publish_enabled: values can be published only with versions: set mode to versioned.")]
    [TestCase("""{"proxy_name":"nowhere"}""", "WithoutNamespace:shared_poll:proxy_name: there is no back end 'nowhere' in Proxies.")]
    [TestCase("""{"refresh_intervall":"1s"}""", "WithoutNamespace:shared_poll:refresh_intervall: unknown option; did you mean refresh_interval?")]
    public void A_wrong_option_is_a_fault(string section, string fault)
    {
        var (_, faults) = Read($$$"""
            {"SharedPollSecret":"{{{Secret}}}","Proxies":{"default":{"endpoint":"https://example.com/values"}},"WithoutNamespace":{"subscription_type":"shared_poll","shared_poll":{{{section}}}}}
            """);

        Assert.That(faults.Single(), Does.StartWith(fault));
    }

    [Test]
    public void A_shared_poll_without_a_secret_or_a_back_end_is_a_fault()
    {
        var (_, faults) = Read("""{"WithoutNamespace":{"subscription_type":"shared_poll"}}""");

        Assert.That(faults.Select(fault => fault.Split(": ")[0]), Is.EquivalentTo(new[] { "SharedPollSecret", "WithoutNamespace:shared_poll:proxy_name" }));
    }

    [TestCase("SharedPollSecret", "short")]
    [TestCase("SharedPollPreviousSecret", "short")]
    [TestCase("SharedPollPreviousSecretValidUntil", "tomorrow")]
    [TestCase("SharedPollConcurrency", "0")]
    public void A_wrong_setting_is_a_fault(string name, string value) => Assert.That(Read($$"""{"{{name}}":"{{value}}"}""").Faults.Single(), Does.StartWith($"{name}: "));

    private static (BrokerOptions Options, IReadOnlyList<string> Faults) Read(string json)
    {
        var reader = new BrokerOptionsReader(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build());
        return (reader.Read(), reader.Faults);
    }
}
