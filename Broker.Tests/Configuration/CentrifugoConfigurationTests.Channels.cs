using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;

namespace ClawEvents.Broker.Tests.Configuration;

/// <summary>Options of channels and their namespaces.</summary>
internal sealed partial class CentrifugoConfigurationTests
{
    [TestCase("CENTRIFUGO_CHANNEL_NAMESPACES")]
    [TestCase("CENTRIFUGO_NAMESPACES")]
    public void Namespaces_in_a_variable_replace_those_of_the_file(string variable)
    {
        using var folder = new TemporaryFolder();

        var centrifugo = CentrifugoConfiguration.Read(Write(folder, Version6), new Dictionary<string, string> { [variable] = """[{"name":"news","presence":true}]""" }, NoFlags);

        Assert.That(
            centrifugo.Settings.Where(pair => pair.Key.StartsWith("Namespaces:", StringComparison.Ordinal)).Select(pair => $"{pair.Key}={pair.Value}"),
            Is.EquivalentTo(new[] { "Namespaces:0:name=news", "Namespaces:0:presence=True", "Namespaces:0:history_meta_ttl=48h" }));
    }

    [Test]
    public void An_unknown_option_of_a_namespace_is_named()
    {
        using var folder = new TemporaryFolder();

        var centrifugo = CentrifugoConfiguration.Read(
            Write(folder, """{"channel":{"namespaces":[{"name":"chat","presence":true,"batch":{"max_size":5},"subscribe_cel":"x"}]}}"""), NoVariables, NoFlags);

        Assert.That(centrifugo.Leftovers.Select(setting => setting.Name), Is.EqualTo(new[] { "channel.namespaces.0.batch.max_size", "channel.namespaces.0.subscribe_cel" }));
    }

    [Test]
    public void A_default_applies_to_namespaces_without_their_own_value()
    {
        using var folder = new TemporaryFolder();
        var file = Write(folder, """{"channel":{"publication_data_format":"json","namespaces":[{"name":"a"},{"name":"b","publication_data_format":"binary"}]}}""");

        var centrifugo = CentrifugoConfiguration.Read(file, NoVariables, NoFlags);

        Assert.That((centrifugo.Settings["Namespaces:0:publication_data_format"], centrifugo.Settings["Namespaces:1:publication_data_format"]), Is.EqualTo(("json", "binary")));
        Assert.That(centrifugo.Settings.Keys, Has.None.StartsWith("WithoutNamespace"));
    }

    [Test]
    public void Channel_options_of_variables_override_a_file_of_version_5()
    {
        using var folder = new TemporaryFolder();
        var variables = new Dictionary<string, string> { ["CENTRIFUGO_PRESENCE"] = "false", ["CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_JOIN_LEAVE"] = "true", ["CENTRIFUGO_GLOBAL_HISTORY_META_TTL"] = "50h" };

        var centrifugo = CentrifugoConfiguration.Read(Write(folder, """{"presence":true,"history_size":3}"""), variables, NoFlags);

        Assert.That(centrifugo.Settings.Where(pair => pair.Key.Contains(':', StringComparison.Ordinal)), Is.EquivalentTo(new Dictionary<string, string?>
        {
            ["WithoutNamespace:presence"] = "false",
            ["WithoutNamespace:join_leave"] = "true",
            ["WithoutNamespace:history_size"] = "3",
            ["WithoutNamespace:history_meta_ttl"] = "50h",
        }));
    }

    [Test]
    public void Namespaces_may_be_named_in_one_variable_and_described_in_others()
    {
        var variables = new Dictionary<string, string>
        {
            ["CENTRIFUGO_CHANNEL_NAMESPACES"] = "chat my-news",
            ["CENTRIFUGO_CHANNEL_NAMESPACES_CHAT_PRESENCE"] = "true",
            ["CENTRIFUGO_CHANNEL_NAMESPACES_MY_NEWS_HISTORY_SIZE"] = "5",
        };

        var centrifugo = CentrifugoConfiguration.Read(null, variables, NoFlags);

        Assert.That(centrifugo.Leftovers, Is.Empty);
        Assert.That(
            centrifugo.Settings.Select(pair => $"{pair.Key}={pair.Value}"),
            Is.EquivalentTo(new[] { "Namespaces:0:name=chat", "Namespaces:0:presence=true", "Namespaces:1:name=my-news", "Namespaces:1:history_size=5" }));
    }

    [Test]
    public void The_options_of_shared_polls_are_translated_from_files_and_variables()
    {
        using var folder = new TemporaryFolder();
        var file = CentrifugoConfiguration.Read(
            Write(folder, """
                {"shared_poll":{"hmac_secret_key":"s","hmac_previous_secret_key":"p","hmac_previous_secret_key_valid_until":7,"concurrency_limit":8},
                "channel":{"proxy":{"shared_poll_refresh":{"endpoint":"http://a/refresh"}},"namespaces":[{"name":"votes","subscription_type":"shared_poll","shared_poll":{"mode":"versioned"}},
                {"name":"named","subscription_type":"shared_poll","shared_poll":{"proxy_name":"own"}},{"name":"other","shared_poll":{"proxy_name":"default"}}]},"proxies":[{"name":"own","endpoint":"http://b"}]}
                """),
            new Dictionary<string, string>(),
            NoFlags);
        var variables = new Dictionary<string, string>
        {
            ["CENTRIFUGO_SHARED_POLL_HMAC_SECRET_KEY"] = "s",
            ["CENTRIFUGO_CHANNEL_PROXY_SHARED_POLL_REFRESH_ENDPOINT"] = "http://a/refresh",
            ["CENTRIFUGO_CHANNEL_NAMESPACES"] = "votes",
            ["CENTRIFUGO_CHANNEL_NAMESPACES_VOTES_SUBSCRIPTION_TYPE"] = "shared_poll",
            ["CENTRIFUGO_CHANNEL_NAMESPACES_VOTES_SHARED_POLL_REFRESH_INTERVAL"] = "1s",
            ["CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_SHARED_POLL_MODE"] = "versioned",
        };
        var environment = CentrifugoConfiguration.Read(null, variables, NoFlags);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(file.Settings, Is.SupersetOf(new Dictionary<string, string?>
            {
                ["SharedPollSecret"] = "s",
                ["SharedPollPreviousSecret"] = "p",
                ["SharedPollPreviousSecretValidUntil"] = "7",
                ["SharedPollConcurrency"] = "8",
                ["Proxies:channel.proxy.shared_poll_refresh:endpoint"] = "http://a/refresh",
                ["Namespaces:0:subscription_type"] = "shared_poll",
                ["Namespaces:0:shared_poll:mode"] = "versioned",
                ["Namespaces:0:shared_poll:proxy_name"] = "channel.proxy.shared_poll_refresh",
                ["Namespaces:1:shared_poll:proxy_name"] = "own",
                ["Namespaces:2:shared_poll:proxy_name"] = "default",
            }));
            Assert.That(file.Settings.Keys, Has.None.StartsWith("WithoutNamespace"));
            Assert.That(file.Leftovers, Is.Empty);
            Assert.That(environment.Settings, Is.SupersetOf(new Dictionary<string, string?>
            {
                ["SharedPollSecret"] = "s",
                ["Namespaces:0:shared_poll:refresh_interval"] = "1s",
                ["Namespaces:0:shared_poll:proxy_name"] = "channel.proxy.shared_poll_refresh",
                ["WithoutNamespace:shared_poll:mode"] = "versioned",
            }));
            Assert.That(environment.Leftovers, Is.Empty);
        }
    }

    [Test]
    public void The_options_of_maps_are_translated_from_files_and_variables()
    {
        using var folder = new TemporaryFolder();
        var file = CentrifugoConfiguration.Read(
            Write(folder, """{"channel":{"history_meta_ttl":"48h","namespaces":[{"name":"board","subscription_type":"map","map":{"mode":"ephemeral","key_ttl":"3s","publish_proxy_enabled":true}}]},"map_broker":{}}"""),
            new Dictionary<string, string>(),
            NoFlags);
        var variables = new Dictionary<string, string>
        {
            ["CENTRIFUGO_CHANNEL_NAMESPACES"] = "board",
            ["CENTRIFUGO_CHANNEL_NAMESPACES_BOARD_SUBSCRIPTION_TYPE"] = "map",
            ["CENTRIFUGO_CHANNEL_NAMESPACES_BOARD_MAP_KEY_TTL"] = "3s",
            ["CENTRIFUGO_CHANNEL_NAMESPACES_BOARD_MAP_CLIENTS_PRESENCE_CHANNEL_PREFIX"] = "here:",
            ["CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_MAP_MODE"] = "persistent",
        };
        var environment = CentrifugoConfiguration.Read(null, variables, NoFlags);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(file.Settings, Is.SupersetOf(new Dictionary<string, string?>
            {
                ["Namespaces:0:subscription_type"] = "map",
                ["Namespaces:0:map:mode"] = "ephemeral",
                ["Namespaces:0:map:key_ttl"] = "3s",
                ["Namespaces:0:map:publish_proxy_name"] = "channel.proxy.map_publish",
                ["Namespaces:0:history_meta_ttl"] = "48h",
            }));
            Assert.That(file.Settings.Keys, Has.None.EqualTo("Namespaces:0:map:history_meta_ttl").And.None.EqualTo("Namespaces:0:map"));
            Assert.That(file.Leftovers, Is.Empty);
            Assert.That(environment.Settings, Is.SupersetOf(new Dictionary<string, string?>
            {
                ["Namespaces:0:map:key_ttl"] = "3s",
                ["Namespaces:0:map_clients_presence_channel_prefix"] = "here:",
                ["WithoutNamespace:map:mode"] = "persistent",
            }));
            Assert.That(environment.Leftovers, Is.Empty);
        }
    }
}
