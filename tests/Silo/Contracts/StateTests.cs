using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Fixtures;
using Grid.Grains;
using Grid.Silo.Engine;
using Orleans;
using Orleans.Runtime;

namespace Grid.Silo.Tests.Contracts;

/// <summary>
/// Grain states as an older build wrote them into the database, one file a state: <c>grain.state.json</c>. A file stays as it is for ever;
/// what a later build adds gets a default when it reads them.
/// </summary>
public class StateTests
{
    private static readonly string s_folder = Path.Combine(Sources.Folder("tests/Silo/Contracts"), "States");

    public static TheoryData<string, Type> States()
    {
        var states = new TheoryData<string, Type>();
        foreach (var grain in typeof(GrainStorage).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(Grain)) && !type.IsAbstract))
        {
            foreach (var parameter in grain.GetConstructors().Single().GetParameters())
            {
                if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
                    states.Add($"{grain.Name.Replace("Grain", "", StringComparison.Ordinal).ToLowerInvariant()}.{state.StateName}", parameter.ParameterType.GetGenericArguments()[0]);
            }
        }

        return states;
    }

    [Theory]
    [MemberData(nameof(States))]
    public void States_of_an_older_build_are_read_whole(string state, Type type)
    {
        var stored = JsonNode.Parse(File.ReadAllText(Path.Combine(s_folder, state + ".json")))!;
        var read = JsonSerializer.Deserialize(stored, type, GrainStateJson.Options);
        var written = JsonSerializer.SerializeToNode(read, type, GrainStateJson.Options);
        Keeps(state, stored, written);
    }

    // Everything that was stored is there again, under the same name.
    private static void Keeps(string where, JsonNode? stored, JsonNode? written)
    {
        switch (stored)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                    Keeps($"{where}.{name}", value, (written as JsonObject)?[name]);
                break;
            case JsonArray items:
                Assert.True((written as JsonArray)?.Count == items.Count, $"{where} lost items");
                foreach (var (i, item) in items.Index())
                    Keeps($"{where}[{i}]", item, written![i]);
                break;
            default:
                Assert.True(JsonNode.DeepEquals(stored, written), $"{where} was {stored?.ToJsonString() ?? "null"} and is {written?.ToJsonString() ?? "null"}");
                break;
        }
    }
}
