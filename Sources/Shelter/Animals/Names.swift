/// The words from which animals are made up.
enum Names {
    static let given = [
        "Ada", "Balou", "Bella", "Bonnie", "Caesar", "Cleo", "Dotty", "Felix", "Findus", "Flora", "Gustav",
        "Hazel",
        "Igor", "Juno", "Kira", "Lotte", "Luna", "Max", "Mila", "Momo", "Nala", "Oskar", "Paula", "Quinn",
        "Rex",
        "Rosa", "Rufus", "Salem", "Toffee", "Ursula", "Violet", "Wanda", "Xaver", "Yoshi", "Zorro",
    ]

    static let family = [
        "of the Harbour", "the Second", "Junior", "from Platform 4", "von Katzenstein", "O'Paw",
    ]

    static let kinds = [
        "cat", "dog", "hedgehog", "rabbit", "parrot", "tortoise", "ferret", "guinea pig", "goat", "canary",
    ]

    static let breeds = [
        "corgi", "beagle", "borzoi", "whippet", "maine coon", "siamese", "manx", "angora", "lop", "cockatiel",
        "macaw", "sulcata", "boer goat", "polecat", "abyssinian", "long-eared hedgehog",
    ]

    /// A place in the shelter.
    static func cage(_ random: inout RandomNumbers) -> String {
        "\(random.pick(["A", "B", "C", "D"]))-\(random.number(in: 1...60))"
    }
}
