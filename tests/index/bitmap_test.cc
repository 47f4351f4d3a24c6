// SPDX-License-Identifier: Apache-2.0
#include "index/bitmap.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <vector>

using namespace anam;

namespace {

std::vector<std::uint32_t> members(const PatientSet& set) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t o = 0; o < set.patients(); ++o) {
    if (set.contains(o)) found.push_back(o);
  }
  return found;
}

std::vector<std::uint32_t> random_members(std::mt19937_64& random, std::uint32_t patients) {
  std::vector<std::uint32_t> found;
  const auto one_in = 1 + random() % 50;
  const bool runs = random() % 2 == 0;
  bool in = false;
  for (std::uint32_t o = 0; o < patients; ++o) {
    if (runs) {
      if (random() % 100 == 0) in = !in;
    } else {
      in = random() % one_in == 0;
    }
    if (in) found.push_back(o);
  }
  return found;
}

}  // namespace

TEST_CASE("sets of patients compute like sets", "[index]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 60; ++round) {
    const auto patients = static_cast<std::uint32_t>(random() % 400);
    const auto a = random_members(random, patients);
    const auto b = random_members(random, patients);
    PatientSet x(patients);
    PatientSet y(patients);
    for (const auto o : a) x.add(o);
    for (const auto o : b) y.add(o);
    REQUIRE(members(x) == a);
    REQUIRE(x.count() == a.size());

    const std::set<std::uint32_t> in_b(b.begin(), b.end());
    std::set<std::uint32_t> both, either(b.begin(), b.end()), only;
    for (const auto o : a) {
      either.insert(o);
      (in_b.contains(o) ? both : only).insert(o);
    }
    const auto check = [](const PatientSet& set, const std::set<std::uint32_t>& expected) {
      REQUIRE(members(set) == std::vector<std::uint32_t>(expected.begin(), expected.end()));
      REQUIRE(set.count() == expected.size());
    };
    PatientSet z = x;
    z.intersect(y);
    check(z, both);
    z = x;
    z.unite(y);
    check(z, either);
    z = x;
    z.subtract(y);
    check(z, only);
    z = PatientSet(patients, true);
    REQUIRE(z.count() == patients);
    for (const auto o : a) z.remove(o);
    REQUIRE(z.count() == patients - a.size());

    for (int i = 0; i < 200; ++i) {
      const auto first = static_cast<std::uint32_t>(random() % 500);
      const auto last = static_cast<std::uint32_t>(random() % 500);
      const auto at = std::lower_bound(a.begin(), a.end(), first);
      REQUIRE(x.any(first, last) == (at != a.end() && *at <= last));
    }
    REQUIRE(x.any(0, 0xFFFFFFFF) == !a.empty());
  }
}

TEST_CASE("bitmaps give back what was written", "[index]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 10; ++round) {  // of runs, and of others: see random_members()
    for (const std::uint32_t patients : {1U, 63U, 64U, 65U, 5000U, 70000U, 200000U, 300000U}) {
      const auto ordinals = random_members(random, patients);
      PatientSet set(patients);
      read_bitmap(write_bitmap(ordinals), set);
      REQUIRE(members(set) == ordinals);
    }
  }
  PatientSet set(10);
  set.add(3);
  read_bitmap(write_bitmap(std::vector<std::uint32_t>{5}), set);
  REQUIRE(members(set) == std::vector<std::uint32_t>{3, 5});
}

TEST_CASE("a bitmap of patients beyond the shard is refused", "[index]") {
  PatientSet set(100);
  REQUIRE_THROWS_AS(read_bitmap(write_bitmap(std::vector<std::uint32_t>{99, 100}), set), Error);
  REQUIRE_THROWS_AS(read_bitmap(write_bitmap(std::vector<std::uint32_t>{1U << 31}), set), Error);
}

TEST_CASE("damaged bitmaps never write outside of the set", "[index]") {
  // Values carry checksums, so that this is the second line of defence.
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  constexpr std::uint32_t kPatients = 140'000;
  std::vector<std::uint32_t> ordinals;  // one container of runs, one of bits, one of numbers
  for (std::uint32_t o = 0; o < 30'000; ++o) {
    if (o / 100 % 2 == 0) ordinals.push_back(o);
  }
  for (std::uint32_t o = 65'536; o < 131'072; ++o) {
    if (random() % 2 == 0) ordinals.push_back(o);
  }
  for (std::uint32_t o = 131'072; o < kPatients; o += 50) ordinals.push_back(o);
  const Bytes good = write_bitmap(ordinals);
  PatientSet whole(kPatients);
  read_bitmap(good, whole);
  REQUIRE(members(whole) == ordinals);
  for (std::size_t size = 0; size < good.size(); size += 1 + (size > 700 ? random() % 50 : 0)) {
    PatientSet set(kPatients);
    REQUIRE_THROWS_AS(read_bitmap(ByteSpan(good).first(size), set), Error);
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= static_cast<std::byte>(1U << (random() % 8));
    PatientSet set(kPatients);
    try {
      read_bitmap(bad, set);
    } catch (const Error& error) {
      REQUIRE(error.code() == ErrorCode::kCorrupt);
    }
  }
}
